//! The entry of one machine takes the context of another one.

use fantasm::fsm_action;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/other_machine_hooks/fantasm.rs"));
}

/// An entry of both.
#[fsm_action]
async fn note(_cx: &mut machines::export::Context) {} //~ mistake

fn main() {
    machines::all();
}
