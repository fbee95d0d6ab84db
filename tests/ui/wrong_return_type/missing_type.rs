//! There is no such type, which is told once.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_return_type/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> fantasm::Result<Verdict> { //~ mistake
    Ok(Poll::Ready)
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

#[fsm_action]
async fn prepare(_cx: &mut Context) {}

fn main() {
    machines::all();
}
