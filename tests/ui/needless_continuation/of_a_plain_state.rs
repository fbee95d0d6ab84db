//! The state is run once, and its action has a continuation.

use fantasm::{Page, continuation, fsm_action};
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/needless_continuation/fantasm.rs"));
}

#[continuation(poll)] //~ mistake
async fn more_pages(_cx: &Context, _token: Option<i64>) -> Page<String, i64> {
    Page::new(Vec::new(), None)
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
async fn load(_cx: &mut Context, page: Page<u8, i64>) {
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
