//! The action answers something else than an event of its list.

use fantasm::{Context, Machine, fsm_action};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_emits/fantasm.rs"));
}

#[fsm_action(emits("tidied", "failed"))]
async fn tidy<M: Machine>(cx: &mut Context<M>) -> bool { //~ mistake
    cx.attempt() > 1
}

fn main() {
    let _ = machines::all();
}
