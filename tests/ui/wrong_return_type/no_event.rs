//! The action answers a number.

use fantasm::fsm_action;
use machines::import::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_return_type/fantasm.rs"));
}

#[fsm_action]
async fn poll(_cx: &mut Context) -> u8 { //~ mistake
    1
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

#[fsm_action]
async fn prepare(_cx: &mut Context) {}

fn main() {
    machines::all();
}
