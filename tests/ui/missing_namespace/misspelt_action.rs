//! One of the five actions is misspelt, and the module is there.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/missing_namespace/fantasm.rs"));
}

mod jobs {
    #[fantasm::fsm_action]
    pub(crate) async fn sum(_cx: &mut crate::machines::export::Context) {}

    pub(crate) mod partner {
        use crate::machines::{
            export, export::Store,
            import::{Context, Poll},
        };

        #[fantasm::fsm_action]
        pub(crate) async fn poll(_cx: &mut Context) -> Poll {
            Poll::Ready
        }

        #[fantasm::fsm_action]
        pub(crate) async fn prepared(_cx: &mut Context) {} //~ mistake

        #[fantasm::fsm_action]
        pub(crate) async fn note(_cx: &mut Context) {}

        #[fantasm::fsm_action]
        pub(crate) async fn load(_cx: &mut Context) {}

        #[fantasm::fsm_action]
        pub(crate) async fn store(_cx: &mut export::Context) -> Store {
            Store::Stored
        }
    }
}

fn main() {
    machines::all();
}
