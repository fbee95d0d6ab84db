//! Actions from another crate, which knows no fsm.yaml: what they emit is checked where fsm.yaml names them.

use crate::package::Package;

const LIBRARY: &str = r#"
use fantasm::{Context, Machine, fsm_action};

/// Asks whether it is time.
#[fsm_action(emits("now", "later"))]
pub async fn wait<M: Machine>(cx: &mut Context<M>) -> fantasm::Result<Wait> {
    Ok(if cx.attempt() > 1 { Wait::Now } else { Wait::Later })
}
"#;

const FSM_YAML: &str = "\
state_machines:
- name: Import
  states:
  - name: Await
    initial: True
    action: ::library.wait
    transitions:
    - event: now
      to: End
    - event: later
      to: Await
  - name: End
    final: True
";

#[test]
fn an_action_of_another_crate_is_checked_where_it_is_named() {
    let package = Package::new("shared");
    package.write("build.rs", "fn main() { fantasm_build::compile(\"fsm.yaml\"); }");
    package.write("fsm.yaml", FSM_YAML);
    package.write(
        "src/lib.rs",
        "#![deny(warnings)]\npub use machines::all;\nmod machines { fantasm::include_machines!(); }",
    );
    package.add_library(LIBRARY);
    let told = package.check();
    assert_eq!(told.errors(), 0, "{told}");

    package.write("fsm.yaml", &FSM_YAML.replace("event: later", "event: too-late"));
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(
        told.contains(
            "emits `later`, for which state `Await` (fsm.yaml:6:13) has no transition; it has: now, too-late"
        ),
        "{told}"
    );
}
