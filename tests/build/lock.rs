//! `fantasm.lock`: a build refuses what stored instances could not live with, and never writes among the sources.

use crate::package::Package;

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  context_types: {rows: int}
  states:
  - {name: Load, initial: true, action: load, transitions: [{event: loaded, to: End}]}
  - {name: End, final: true}
";

const LOCK: &str = "\
Import:
  context:
    rows: int
  states:
    End: []
    Load: [loaded]
";

const LIB_RS: &str = "\
use machines::import::{Context, Load};

mod machines {
    fantasm::include_machines!();
}

#[fantasm::fsm_action]
pub async fn load(cx: &mut Context) -> Load {
    let _ = &cx.rows;
    Load::Loaded
}

pub fn all() -> &'static [fantasm::Registration] {
    machines::all()
}
";

#[test]
fn a_build_compares_the_machines_with_their_lock() {
    let package = Package::new("locked");
    package.write("build.rs", "fn main() { fantasm_build::compile(\"fsm.yaml\"); }");
    package.write("src/lib.rs", LIB_RS);
    package.write("fsm.yaml", FSM_YAML);
    package.write("fantasm.lock", LOCK);
    let told = package.check();
    assert!(told.errors() == 0 && !told.contains("fantasm.lock"), "{told}");

    for (old, new) in
        [("rows: int", "rows: int, name: str"), ("name: Load", "name: Load, renamed_from: Fetch"), ("int", "json")]
    {
        package.write("fsm.yaml", &FSM_YAML.replacen(old, new, 1));
        let told = package.check();
        assert_eq!(told.errors(), 0, "{told}");
    }
    assert!(package.check().contains("fantasm.lock does not know all that fsm.yaml has"), "it warns");

    for (old, new, what) in [
        (
            "End",
            "Done",
            "fsm.yaml:3:9: machine `Import` no longer has the state `End` [fantasm.lock]; write `renamed_from",
        ),
        ("event: loaded", "event: done", "fsm.yaml:6:12: state `Load` no longer has the event `loaded`"),
        (
            "{name: End",
            "{name: End, fan_in: 2, action: end",
            "fsm.yaml:7:12: state `End` was no fan-in, so that its tasks have no window, and is one",
        ),
        ("rows: int", "rows: str", "fsm.yaml:4:19: the value `rows` of machine `Import` was `int` and is `str`"),
    ] {
        package.write("fsm.yaml", &FSM_YAML.replace(old, new));
        let told = package.check();
        assert!(told.errors() == 1 && told.contains(what), "{told}");
    }

    package.write("src/machines/jobs.yaml", FSM_YAML);
    package.write("src/machines/fantasm.lock", LOCK);
    package.write("build.rs", "fn main() { fantasm_build::compile(\"src/machines/jobs.yaml\"); }");
    let told = package.check();
    let what = "src/machines/fantasm.lock: this is the lock of a fsm.yaml, which is not there, and src/machines/jobs.yaml has none";
    assert!(told.errors() == 1 && told.contains(what), "{told}");

    package.write("build.rs", "fn main() { fantasm_build::compile(\"fsm.yaml\"); }");
    package.write("fsm.yaml", FSM_YAML);
    package.write("fantasm.lock", "Import: 7\n");
    let told = package.check();
    assert!(told.errors() == 1 && told.contains("fantasm.lock:1: "), "{told}");
    assert_eq!(package.read("fantasm.lock"), "Import: 7\n");
}
