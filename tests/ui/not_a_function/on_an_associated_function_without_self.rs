//! Nothing in its signature shows that the function belongs to a type.

use fantasm::{Context, Machine, fsm_action};

struct Partner;

impl Partner {
    #[fsm_action]
    async fn poll<M: Machine>(_cx: &mut Context<M>) {} //~ mistake
}

mod jobs {
    #[fantasm::fsm_action]
    pub(super) async fn load<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) {}
}

fn main() {
    let _ = Partner;
}
