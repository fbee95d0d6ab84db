//! What is wrong with fsm.yaml is told where its code is taken in, all at once.

mod machines {
    fantasm::include_machines!();
}

fn main() {}
