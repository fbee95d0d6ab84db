//! An entry selects no event.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_return_type/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

#[fsm_action]
async fn prepare(_cx: &mut Context) -> Poll { //~ mistake
    Poll::Ready
}

fn main() {
    machines::all();
}
