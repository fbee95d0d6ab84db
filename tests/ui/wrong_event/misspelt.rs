//! The state has an event `ready`, the action answers `Raedy`.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_event/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Raedy //~ mistake
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
