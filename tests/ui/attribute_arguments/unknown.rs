//! `#[fsm_action]` knows no such argument.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/attribute_arguments/fantasm.rs"));
}

#[fsm_action(emit("ready"))] //~ mistake
async fn poll(cx: &mut Context) -> Poll {
    if cx.attempt() > 1 { Poll::Ready } else { Poll::Wait }
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    let _ = machines::all();
}
