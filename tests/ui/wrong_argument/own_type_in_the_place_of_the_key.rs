//! A type of that name which is another.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_argument/fantasm.rs"));
}

struct TaskKey;

#[fsm_action]
async fn poll(_cx: &mut Context, _key: TaskKey) -> Poll { //~ mistake
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
