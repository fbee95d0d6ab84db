//! The states have a transition for an event that is not in the list.

use fantasm::{Context, Machine, fsm_action};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_emits/fantasm.rs"));
}

#[fsm_action(emits("tidied"))] //~ mistake
async fn tidy<M: Machine>(cx: &mut Context<M>) -> Tidy {
    { let _ = cx; Tidy::Tidied }
}

fn main() {
    let _ = machines::all();
}
