//! The action is a function like any other.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/missing_attribute/fantasm.rs"));
}

async fn poll(_cx: &mut Context) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

#[fsm_action]
async fn prepare(_cx: &mut Context) {}

fn main() {
    machines::all();
}
