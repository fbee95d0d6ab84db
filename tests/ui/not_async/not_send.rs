//! The action holds something over an await that cannot move to another thread.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/not_async/fantasm.rs"));
}

#[fsm_action]
async fn poll_at_once(_cx: &mut Context) -> Poll {
    let rows = std::rc::Rc::new(3); //~ mistake
    std::future::ready(()).await;
    drop(rows);
    Poll::Ready
}

#[fsm_action]
async fn load_later(_cx: &mut Context) {}

fn main() {
    machines::all();
}
