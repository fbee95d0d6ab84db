//! The entry of three states in two machines is a function like any other.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/shared_action/fantasm.rs"));
}

mod jobs {
    #[fantasm::fsm_action(emits("tidied"))]
    pub(crate) async fn tidy<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) -> Tidy {
        Tidy::Tidied
    }

    pub(crate) async fn note<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) {} //~ mistake
}

fn main() {
    machines::all();
}
