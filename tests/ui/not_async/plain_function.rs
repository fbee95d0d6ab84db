//! The action is not async.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/not_async/fantasm.rs"));
}

#[fsm_action]
fn poll_at_once(_cx: &mut Context) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load_later(_cx: &mut Context) {}

fn main() {
    machines::all();
}
