//! `graphs/<case>/fsm.yaml` becomes `<machine>.mmd` and `<machine>.dot` beside it, whole; `UPDATE_EXPECT=1` writes them anew.

#[path = "support/expect.rs"]
mod expect;

use std::fs;
use std::path::Path;

use expect::expect;
use fantasm_spec::{graph, load_str};

#[test]
fn every_machine_is_drawn_as_expected() {
    let graphs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphs");
    let mut n_machines = 0;
    for folder in fs::read_dir(graphs).expect("there are cases").map(|entry| entry.expect("readable").path()) {
        let text = fs::read_to_string(folder.join("fsm.yaml")).expect("a case has a file");
        let loaded = load_str("fsm.yaml", &text).unwrap_or_else(|report| panic!("{}: {report}", folder.display()));
        for machine in &loaded.spec.machines {
            expect(&folder.join(format!("{}.mmd", machine.name)), &graph::mermaid(machine));
            expect(&folder.join(format!("{}.dot", machine.name)), &graph::dot(machine));
            n_machines += 1;
        }
    }
    assert!(n_machines >= 3, "the cases are gone");
}
