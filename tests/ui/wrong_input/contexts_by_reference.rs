//! The contexts are handed over.

use fantasm::fsm_action;
use machines::badges::{Context, Contexts, Count};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_input/fantasm.rs"));
}

#[fsm_action]
async fn count(cx: &mut Context) -> Count {
    cx.count = 1;
    Count::Counted
}

#[fsm_action]
async fn sum(cx: &mut Context, batch: &Contexts) { //~ mistake
    cx.count = batch.iter().map(|data| data.count).sum();
}

fn main() {
    machines::all();
}
