//! The action answers what is not in its list.

use fantasm::{Context, Machine, fsm_action};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_emits/fantasm.rs"));
}

#[fsm_action(emits("tidied", "failed"))]
async fn tidy<M: Machine>(cx: &mut Context<M>) -> Tidy {
    if cx.attempt() > 1 { Tidy::Tidied } else { Tidy::Faild } //~ mistake
}

fn main() {
    let _ = machines::all();
}
