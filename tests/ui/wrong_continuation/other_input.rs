//! The action takes the items, and not their page.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_continuation/fantasm.rs"));
}

#[continuation(send)]
async fn pages(_cx: &Context, _token: Option<i64>) -> Page<String, i64> {
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Vec<String>) { //~ mistake
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
