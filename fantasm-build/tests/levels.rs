//! What a build script says about rules that can be lived with.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::PathBuf};

use fantasm_build::Config;

const FSM_YAML: &str = "\
lints:
  busy-loop: deny
state_machines:
- name: Poll
  states:
  - name: Ask
    initial: true
    final: true
    action: poll.ask
    transitions:
    - event: again
      to: Ask
  - name: Left-over
    final: true
";

#[test]
fn a_file_says_which_rules_are_errors() {
    assert_eq!(
        errors("file", |config| config),
        ["fsm.yaml:11:14: event `again` leads state `Ask` to itself at once [busy-loop]"]
    );
}

#[test]
fn a_build_script_counts_more_than_the_file() {
    assert_eq!(errors("allow", |config| config.allow("busy-loop")), [""; 0]);
    assert_eq!(errors("warn", |config| config.warn("busy-loop")), [""; 0]);
    let left_over = "fsm.yaml:13:11: no transitions lead to state `Left-over` [unreachable-state]";
    assert_eq!(errors("deny", |config| config.warn("busy-loop").deny("unreachable-state")), [left_over]);
    assert_eq!(errors("warnings", |config| config.allow("busy-loop").deny("warnings")), [left_over]);
}

#[test]
fn a_rule_that_is_not_there_is_an_error() {
    let told = errors("unknown", |config| config.allow("busy-loop").deny("unreachable-sate"));
    let mistake = "`unreachable-sate` is no rule that has a level; did you mean `unreachable-state`?";
    assert_eq!(told, [format!("build script, for fsm.yaml: {mistake}")]);
}

/// The first lines of the errors that the file is told to have.
fn errors(case: &str, choose: impl FnOnce(Config) -> Config) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("levels").join(case);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("fsm.yaml");
    fs::write(&file, FSM_YAML).unwrap();
    choose(Config::new(&file).out_dir(&folder)).compile();
    let told = fs::read_to_string(folder.join("fantasm-errors.txt")).unwrap();
    let told = told.replace(&*file.to_string_lossy().replace('\\', "/"), "fsm.yaml");
    told.split('\0').filter_map(|error| error.lines().next()).map(str::to_owned).collect()
}
