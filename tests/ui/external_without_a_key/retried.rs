//! One of the transitions to the state retries it, and its action does not know what it has done before.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/external_without_a_key/fantasm.rs"));
}

/// It is tried once, and need not take the key.
#[fsm_action(external)]
async fn poll(cx: &mut Context) -> Poll {
    if cx.attempt() > 1 { Poll::Ready } else { Poll::Wait }
}

#[fsm_action(external)]
async fn load(_cx: &mut Context) {} //~ mistake

fn main() {
    let _ = machines::all();
}
