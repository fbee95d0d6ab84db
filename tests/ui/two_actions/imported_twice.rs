//! Two modules give an action of the same name.

use machines::import::{Context, Poll};
use night::load;
use rows::load; //~ mistake

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
