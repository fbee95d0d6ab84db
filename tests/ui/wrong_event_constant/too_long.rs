//! The text of the constant is longer than a name may be.

use fantasm::fsm_action;
use machines::mail::{Context, Send};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_event_constant/fantasm.rs"));
}

pub mod events {
    pub const SENT: &str = "all-the-mail-has-been-sent-and-nobody-has-written-back"; //~ mistake
}

#[fsm_action]
async fn send(_cx: &mut Context) -> Send {
    if std::env::args().count() == 1 { Send::Sent } else { Send::Lost }
}

fn main() {
    machines::all();
}
