//! The key is a value.

use fantasm::{TaskKey, fsm_action};
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_argument/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context, _key: &TaskKey) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
