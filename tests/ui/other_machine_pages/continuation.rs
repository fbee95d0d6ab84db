//! The continuation takes the context of another machine.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/other_machine_pages/fantasm.rs"));
}

#[continuation(send)]
async fn pages(_cx: &machines::post::Context, _token: Option<i64>) -> Page<String, i64> { //~ mistake
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Page<String, i64>) {
    assert!(!page.is_empty());
}

#[continuation(post)]
async fn more_pages(_cx: &machines::post::Context, _token: Option<i64>) -> Page<String, i64> {
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn post(_cx: &mut machines::post::Context, page: Page<String, i64>) {
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
