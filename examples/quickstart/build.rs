//! Generates the machine's types from fsm.yaml.

fn main() {
    fantasm_build::compile("fsm.yaml");
}
