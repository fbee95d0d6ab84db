//! No state of fsm.yaml names `store`.

#![deny(dead_code, reason = "rustc warns of it by itself")]

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/unnamed_action/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

#[fsm_action]
async fn store(_cx: &mut Context) {} //~ mistake

fn main() {
    let _ = machines::all();
}
