//! Of three events one is emitted; that another function looks for the others emits none of them.

#![deny(dead_code, reason = "rustc warns of it by itself")]

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/unemitted_event/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll { //~ mistake ~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn is_over(event: Poll) -> bool {
    matches!(event, Poll::Ready | Poll::Gone)
}

fn main() {
    let _ = machines::all();
    is_over(Poll::Ready);
}
