//! The function is private to its module.

use fantasm::fsm_action;
use machines::import::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/private_action/fantasm.rs"));
}

mod partner {
    use crate::machines::import::{Context, Poll};

    #[fantasm::fsm_action]
    async fn poll(_cx: &mut Context) -> Poll { //~ mistake
        Poll::Ready
    }
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
