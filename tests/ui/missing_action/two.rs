//! fsm.yaml names `pol` and `load`, the functions are `poll` and `laod`.

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
async fn laod(_cx: &mut Context) {} //~ mistake

fn main() {
    machines::all();
}
