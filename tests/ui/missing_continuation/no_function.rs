//! The state is run for each page, and no function says where the pages come from.

use fantasm::{Page, fsm_action};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/missing_continuation/fantasm.rs"));
}

#[fsm_action]
async fn send(_cx: &mut Context, page: Page<String, i64>) { //~ mistake
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
