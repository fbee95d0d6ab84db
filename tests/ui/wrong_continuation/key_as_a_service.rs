//! A page is fetched before the step has begun.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_continuation/fantasm.rs"));
}

#[continuation(send)]
async fn pages(_cx: &Context, _token: Option<i64>, _key: &fantasm::TaskKey) -> Page<String, i64> { //~ mistake
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Page<String, i64>) {
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
