//! The action has two continuations.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_continuation/fantasm.rs"));
}

#[continuation(send)]
async fn pages(_cx: &Context, _token: Option<i64>) -> Page<String, i64> {
    Page::new(Vec::new(), None)
}

#[continuation(send)]
async fn more_pages(_cx: &Context, _token: Option<i64>) -> Page<String, i64> { //~ mistake
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Page<String, i64>) {
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
