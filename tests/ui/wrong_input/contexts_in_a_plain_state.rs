//! Nothing is gathered for this state.

use fantasm::fsm_action;
use machines::badges::{Context, Contexts, Count};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_input/fantasm.rs"));
}

#[fsm_action]
async fn count(_cx: &mut Context, _batch: Contexts) -> Count { //~ mistake
    Count::Counted
}

#[fsm_action]
async fn sum(cx: &mut Context, batch: Contexts) {
    cx.count = batch.iter().map(|data| data.count).sum();
}

fn main() {
    machines::all();
}
