//! An entry changes the world, and its task has an action that may fail after it.

use fantasm::fsm_action;
use machines::import::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/external_hook_without_a_key/fantasm.rs"));
}

#[fsm_action(external)]
async fn note(_cx: &mut Context) {} //~ mistake

fn main() {
    let _ = machines::all();
}
