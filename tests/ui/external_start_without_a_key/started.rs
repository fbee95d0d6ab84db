//! The first task of an instance is retried as the machine says, which is for ever.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/external_start_without_a_key/fantasm.rs"));
}

#[fsm_action(external)]
async fn poll(_cx: &mut Context) -> Poll { //~ mistake
    Poll::Ready
}

/// It takes the key, and may be tried as often as fsm.yaml likes.
#[fsm_action(external)]
async fn load(_cx: &mut Context, _key: fantasm::TaskKey) {}

fn main() {
    let _ = machines::all();
}
