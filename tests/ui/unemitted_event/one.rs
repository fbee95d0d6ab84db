//! No action emits `wait`.

#![deny(dead_code, reason = "rustc warns of it by itself")]

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/unemitted_event/fantasm.rs"));
}

#[fsm_action]
async fn poll(cx: &mut Context) -> Poll { //~ mistake
    if cx.attempt() == 1 { Poll::Ready } else { Poll::Gone }
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    let _ = machines::all();
}
