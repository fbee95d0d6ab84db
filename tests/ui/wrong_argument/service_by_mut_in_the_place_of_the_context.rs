//! A service by `&mut`, where the context should be.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_argument/fantasm.rs"));
}

struct Rows;

#[fsm_action]
async fn poll(_rows: &mut Rows) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
