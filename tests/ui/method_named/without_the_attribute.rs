//! fsm.yaml names a function of a type.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/method_named/fantasm.rs"));
}

struct Partner;

impl Partner {
    async fn poll(_cx: &mut machines::import::Context) {}
}

fn main() {
    machines::all();
}
