//! Perhaps an event of another state, in a state that has none.

use fantasm::fsm_action;
use machines::import::{Context, Poll};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/final_state_with_event/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> Poll {
    Poll::Ready
}

#[fsm_action]
async fn load(_cx: &mut Context) -> fantasm::Result<Option<Poll>> { //~ mistake
    Ok(Some(Poll::Ready))
}

fn main() {
    machines::all();
}
