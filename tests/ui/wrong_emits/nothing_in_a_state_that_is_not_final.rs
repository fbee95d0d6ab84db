//! The states that name the action are not final, and it may answer nothing.

use fantasm::{Context, Machine, fsm_action};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_emits/fantasm.rs"));
}

#[fsm_action(emits("tidied", "failed"))]
async fn tidy<M: Machine>(cx: &mut Context<M>) -> Option<Tidy> { //~ mistake
    (cx.attempt() > 1).then_some(Tidy::Tidied).or(Some(Tidy::Failed))
}

fn main() {
    let _ = machines::all();
}
