//! fsm.yaml names the `load` of the crate, so nobody names the one of the module.

#![deny(dead_code, reason = "rustc warns of it by itself")]

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/unnamed_action/fantasm.rs"));
}

mod rows {
    use super::Context;

    #[fantasm::fsm_action]
    pub(super) async fn load(_cx: &mut Context) {} //~ mistake
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    let _ = machines::all();
}
