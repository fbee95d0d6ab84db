//! The action of `Load` answers an event of `Poll`.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_event/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) -> Poll { //~ mistake
    Poll::Ready
}

fn main() {
    machines::all();
}
