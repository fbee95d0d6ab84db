//! fsm.yaml names actions by path, and a function of a type has no path of its own.

use fantasm::{Context, Machine, fsm_action};

struct Partner;

impl Partner {
    #[fsm_action]
    async fn poll<M: Machine>(_cx: &mut Context<M>, _partner: &Self) {} //~ mistake
}

fn main() {}
