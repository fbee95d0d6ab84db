//! An event stands twice in the list, and one is no name.

use fantasm::{Context, Machine, fsm_action};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_emits/fantasm.rs"));
}

#[fsm_action(emits("tidied", "failed", "Failed", "no such"))] //~ mistake ~ mistake
async fn tidy<M: Machine>(cx: &mut Context<M>) -> fantasm::Result<Tidy> {
    Ok(if cx.attempt() > 1 { Tidy::Tidied } else { Tidy::Failed })
}

fn main() {
    let _ = machines::all();
}
