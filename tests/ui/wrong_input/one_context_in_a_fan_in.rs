//! The fan-in hands over contexts, the action takes none.

use fantasm::fsm_action;
use machines::badges::{Context, Count};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_input/fantasm.rs"));
}

#[fsm_action]
async fn count(_cx: &mut Context) -> Count {
    Count::Counted
}

#[fsm_action]
async fn sum(cx: &mut Context) { //~ mistake
    cx.count += 1;
}

fn main() {
    machines::all();
}
