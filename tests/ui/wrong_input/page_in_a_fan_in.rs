//! The fan-in hands over contexts, the action takes a page.

use fantasm::{Page, fsm_action};
use machines::badges::{Context, Count};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/wrong_input/fantasm.rs"));
}

#[fsm_action]
async fn count(_cx: &mut Context) -> Count {
    Count::Counted
}

#[fsm_action]
async fn sum(_cx: &mut Context, _page: Page<u8, u8>) {} //~ mistake

fn main() {
    machines::all();
}
