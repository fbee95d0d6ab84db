//! Another name makes no service of it.

use fantasm::{Transaction as Tx, fsm_action};
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_argument/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context, _tx: &Tx) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
