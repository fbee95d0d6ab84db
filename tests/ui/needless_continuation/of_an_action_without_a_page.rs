//! The action does not take the page that is fetched for it.

use fantasm::{Page, continuation, fsm_action};
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/needless_continuation/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[continuation(load)]
async fn pages(_cx: &Context, _token: Option<i64>) -> Page<u8, i64> {
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn load(_cx: &mut Context) {} //~ mistake

fn main() {
    machines::all();
}
