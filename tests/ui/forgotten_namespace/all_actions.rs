//! The actions are in a module, and fsm.yaml does not say in which.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/forgotten_namespace/fantasm.rs"));
}

mod jobs {
    use crate::machines::import::{Context, Poll};

    #[fantasm::fsm_action]
    pub(crate) async fn poll(_cx: &mut Context) -> Poll {
        Poll::Ready
    }

    #[fantasm::fsm_action]
    pub(crate) async fn prepare(_cx: &mut Context) {}

    #[fantasm::fsm_action]
    pub(crate) async fn note(_cx: &mut Context) {}

    #[fantasm::fsm_action]
    pub(crate) async fn load(_cx: &mut Context) {}
}

fn main() {
    machines::all();
}
