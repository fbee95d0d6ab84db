//! The action takes contexts, as a fan-in does.

use fantasm::{Page, continuation, fsm_action};
use machines::mail::{Context, Contexts};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_continuation/fantasm.rs"));
}

#[continuation(send)]
async fn pages(_cx: &Context, _token: Option<i64>) -> Page<String, i64> {
    Page::new(Vec::new(), None)
}

#[fsm_action]
async fn send(_cx: &mut Context, batch: Contexts) { //~ mistake
    assert!(!batch.is_empty());
}

fn main() {
    machines::all();
}
