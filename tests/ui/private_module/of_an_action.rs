//! The function is public, its module is not.

use fantasm::fsm_action;
use machines::import::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/private_module/fantasm.rs"));
}

mod jobs {
    mod partner { //~ mistake
        use crate::machines::import::{Context, Poll};

        #[fantasm::fsm_action]
        pub(crate) async fn poll(_cx: &mut Context) -> Poll {
            Poll::Ready
        }
    }
}

#[fsm_action]
async fn load(_cx: &mut Context) {}

fn main() {
    machines::all();
}
