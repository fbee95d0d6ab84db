//! fsm.yaml names a method, and the method has the attribute: both have to be changed.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/method_named/fantasm.rs"));
}

struct Partner;

impl Partner {
    #[fantasm::fsm_action]
    async fn poll(&self, _cx: &mut machines::import::Context) {} //~ mistake
}

fn main() {
    machines::all();
}
