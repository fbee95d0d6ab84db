//! An action of three states in two machines is not there.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/shared_action/fantasm.rs"));
}

mod jobs { //~ mistake
    #[fantasm::fsm_action]
    pub(crate) async fn note<M: fantasm::Machine>(_cx: &mut fantasm::Context<M>) {}
}

fn main() {
    machines::all();
}
