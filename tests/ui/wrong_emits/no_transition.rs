//! The action may answer an event that the states have no transition for.

use fantasm::{Context, Machine, fsm_action};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_emits/fantasm.rs"));
}

#[fsm_action(emits("tidied", "failed", "gone"))] //~ mistake
async fn tidy<M: Machine>(cx: &mut Context<M>) -> fantasm::Result<Tidy> {
    Ok([Tidy::Tidied, Tidy::Failed, Tidy::Gone][usize::from(cx.attempt() > 1)])
}

fn main() {
    let _ = machines::all();
}
