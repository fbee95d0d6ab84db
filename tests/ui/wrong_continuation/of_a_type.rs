//! The continuation is a function of a type.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_continuation/fantasm.rs"));
}

struct Mailer;

impl Mailer {
    #[continuation(send)]
    async fn fetch(_cx: &Context, _token: Option<i64>) -> Page<String, i64> { //~ mistake
        Page::new(Vec::new(), None)
    }
}

#[continuation(send)]
async fn pages(cx: &Context, token: Option<i64>) -> Page<String, i64> {
    Mailer::fetch(cx, token).await
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Page<String, i64>) {
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
