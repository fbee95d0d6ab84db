//! The action is not async, but answers a future.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/not_async/fantasm.rs"));
}

#[fsm_action]
fn poll_at_once(_cx: &mut Context) -> impl Future<Output = Poll> { //~ mistake
    async { Poll::Ready }
}

#[fsm_action]
async fn load_later(_cx: &mut Context) {}

fn main() {
    machines::all();
}
