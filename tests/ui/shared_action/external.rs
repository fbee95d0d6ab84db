//! An action that changes the world outside is retried in three states of two machines.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/shared_action/fantasm.rs"));
}

mod jobs {
    #[fantasm::fsm_action]
    pub(crate) async fn note<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) {}

    #[fantasm::fsm_action(emits("tidied"), external)] //~ mistake
    pub(crate) async fn tidy<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) -> Tidy {
        Tidy::Tidied
    }
}

fn main() {
    machines::all();
}
