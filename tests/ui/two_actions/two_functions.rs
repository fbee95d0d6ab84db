//! One module has one function of a name.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/two_actions/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

#[fsm_action]
async fn load(_cx: &mut Context) {} //~ mistake

fn main() {
    machines::all();
}
