//! fsm.yaml names `pol`, the function is `poll`.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/missing_action/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
