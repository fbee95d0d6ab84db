//! Two names make no two transactions of it.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_argument/fantasm.rs"));
}

type Tx = fantasm::Transaction;

#[fsm_action]
async fn poll(_cx: &mut Context, _tx: &mut Tx, _again: &mut fantasm::Transaction) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
