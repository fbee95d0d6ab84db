//! There are no pages in this state.

use fantasm::{Page, fsm_action};
use machines::badges::{Context, Contexts, Count};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_input/fantasm.rs"));
}

#[fsm_action]
async fn count(_cx: &mut Context, _page: Page<u8, u8>) -> Count { //~ mistake
    Count::Counted
}

#[fsm_action]
async fn sum(cx: &mut Context, batch: Contexts) {
    cx.count = batch.iter().map(|data| data.count).sum();
}

fn main() {
    machines::all();
}
