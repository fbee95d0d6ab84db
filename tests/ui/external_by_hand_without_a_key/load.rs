//! Whom a person sends here is retried as the machine says, whatever the transition says.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/external_by_hand_without_a_key/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action(external)]
async fn load(_cx: &mut Context) {} //~ mistake

fn main() {
    let _ = machines::all();
}
