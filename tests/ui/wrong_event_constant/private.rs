//! The constant is private.

use fantasm::fsm_action;
use machines::mail::{Context, Send};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_event_constant/fantasm.rs"));
}

pub mod events {
    const SENT: &str = "sent"; //~ mistake
}

#[fsm_action]
async fn send(_cx: &mut Context) -> Send {
    if std::env::args().count() == 1 { Send::Sent } else { Send::Lost }
}

fn main() {
    machines::all();
}
