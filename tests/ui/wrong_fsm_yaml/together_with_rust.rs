//! The errors of the code are told in the same run.

mod machines {
    fantasm::include_machines!();
}

fn main() {
    let rows: u8 = "three"; //~ mistake
}
