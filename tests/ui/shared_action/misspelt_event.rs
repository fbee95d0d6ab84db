//! The list of an action of three states in two machines has a word that no state has a transition for.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/shared_action/fantasm.rs"));
}

mod jobs {
    #[fantasm::fsm_action]
    pub(crate) async fn note<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) {}

    #[fantasm::fsm_action(emits("tidy"))] //~ mistake
    pub(crate) async fn tidy<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) -> Tidy {
        Tidy::Tidy
    }
}

fn main() {
    machines::all();
}
