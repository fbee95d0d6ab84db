//! Nobody vouches for the call.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/unsafe_function/fantasm.rs"));
}

#[fsm_action]
async unsafe fn poll(_cx: &mut Context) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
