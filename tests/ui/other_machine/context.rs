//! The action takes the context of another machine.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/other_machine/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

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

#[fsm_action]
async fn load(_cx: &mut machines::export::Context) {} //~ mistake

fn main() {
    machines::all();
}
