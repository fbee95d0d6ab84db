//! The continuation is for an action that does not exist; the one that was meant does not lack its pages as well.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_continuation/fantasm.rs"));
}

#[continuation(sent)] //~ mistake
async fn pages(_cx: &Context, _token: Option<i64>) -> Page<String, i64> {
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Page<String, i64>) {
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
