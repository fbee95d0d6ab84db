//! The action answers the event of the same name of another machine.

use fantasm::fsm_action;
use machines::import::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/other_machine/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> machines::export::Poll { //~ mistake
    machines::export::Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

mod export {
    use fantasm::fsm_action;

    use crate::machines::export::{Context, Poll};

    #[fsm_action]
    pub(crate) async fn poll(_cx: &mut Context) -> Poll {
        Poll::Ready
    }

    #[fsm_action]
    pub(crate) async fn load(_cx: &mut Context) {}
}

fn main() {
    machines::all();
}
