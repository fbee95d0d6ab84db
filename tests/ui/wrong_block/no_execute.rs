//! The block has no method that could be the action.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_block/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[allow(non_camel_case_types, reason = "the others are functions")]
struct load;

#[fsm_action]
impl load { //~ mistake
    async fn run(&self, _cx: &mut Context) {}
}

fn main() {
    let _ = machines::all();
}
