//! Two modules give an action of the same name, and nobody says which.

use machines::import::{Context, Poll};
use night::*; //~ mistake
use rows::*;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/two_actions/fantasm.rs"));
}

mod rows {
    #[fantasm::fsm_action]
    pub(super) async fn load(_cx: &mut super::Context) {}
}

mod night {
    #[fantasm::fsm_action]
    pub(super) async fn load(_cx: &mut super::Context) {}
}

#[fantasm::fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

fn main() {
    machines::all();
}
