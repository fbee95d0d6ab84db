//! The continuation takes nothing.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_continuation/fantasm.rs"));
}

#[continuation(send)]
async fn pages(_token: Option<i64>) -> Page<String, i64> { //~ mistake
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Page<String, i64>) {
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
