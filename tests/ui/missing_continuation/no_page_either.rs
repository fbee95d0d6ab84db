//! The state is run for each page, and its action knows nothing of that.

use fantasm::fsm_action;
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/missing_continuation/fantasm.rs"));
}

#[fsm_action]
async fn send(_cx: &mut Context) {} //~ mistake

fn main() {
    machines::all();
}
