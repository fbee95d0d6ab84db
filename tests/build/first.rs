//! A package whose first build meets a fsm.yaml with errors: there is no good code yet, and one mistake is one error all the same.

use crate::package::Package;

pub(crate) const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  context_types:
    rows: int
  states:
  - name: Load
    initial: True
    final: True
    action: load
    transitions:
    - event: again
      to: Load
    - event: loaded
      to: Note
  - name: Note
    final: True
    fan_in: 2
    action: note
";

pub(crate) const LIB_RS: &str = "\
use machines::import::{Context, Contexts, Load, State};

mod machines {
    fantasm::include_machines!();
}

#[fantasm::fsm_action]
pub async fn load(cx: &mut Context) -> Option<Load> {
    cx.rows += 1;
    if cx.rows == 1 { Some(Load::Again) } else { Some(Load::Loaded) }
}

#[fantasm::fsm_action]
pub async fn note(_cx: &mut Context, batch: Contexts) {
    let _ = (batch.len(), State::Note);
}

pub fn all() -> &'static [fantasm::Registration] {
    machines::all()
}
";

#[test]
fn one_mistake_is_one_error_on_the_first_build_too() {
    let package = Package::new("first");
    package.write("build.rs", "fn main() { fantasm_build::compile(\"fsm.yaml\"); }");
    package.write("src/lib.rs", LIB_RS);
    for (good, bad) in [
        ("to: Note", "to: Noet"),
        ("to: Note", "to: Nowhere"),
        ("transitions:", "transitons:"),
        ("fan_in: 2", "fan_in: soon"),
        ("rows: int", "rows: integer"),
        ("    initial: True\n", ""),
        ("    action: note\n", "    action: note\n  - name: Note\n    final: True\n"),
        ("fan_in: 2", "fan_in: 2\n   final: [True"),
        ("- event: again", "- event: \"again"),
        ("  - name: Note", "  - name: Load"),
        ("  states:", "\tstates:"),
        ("  states:", "states:"),
        ("state_machines:", "machines:"),
        ("    rows: int", "    - rows: int"),
        ("rows: int", "rows: int = 3"),
        ("    - event: loaded", "      event: loaded"),
        ("- event: loaded", "- on: loaded"),
        (
            "    - event: again\n      to: Load\n    - event: loaded\n      to: Note\n",
            "      again: Load\n      loaded: Note\n",
        ),
    ] {
        package.write("fsm.yaml", &FSM_YAML.replacen(good, bad, 1));
        let told = package.check();
        assert_eq!(told.errors(), 1, "`{bad}` in the place of `{good}`: {told}");
    }
    package.write("fsm.yaml", FSM_YAML);
    assert_eq!(package.check().errors(), 0);
}
