//! fsm.yaml names actions by path, a method has none.

use fantasm::{Context, Machine, fsm_action};

struct Partner;

impl Partner {
    #[fsm_action]
    async fn poll<M: Machine>(&self, _cx: &mut Context<M>) {} //~ mistake
}

fn main() {}
