//! `fantasm lock`, as its users run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  context_types: {rows: int}
  states:
  - name: Load
    initial: true
    action: load
    transitions:
    - event: loaded
      to: End
  - name: End
    final: true
";

/// Three changes that stored instances can live with.
const COMPATIBLE: [(&str, &str); 3] = [
    ("    - event: loaded", "    - event: again\n      to: Load\n    - event: loaded"),
    ("to: End\n  - name: End\n", "to: Done\n  - name: Done\n    renamed_from: End\n"),
    ("rows: int", "rows: float, name: str"),
];

/// Three changes that they cannot live with, and what is said of each.
const INCOMPATIBLE: [(&str, &str, &str); 3] = [
    (
        "to: End\n  - name: End\n",
        "to: Done\n  - name: Done\n",
        "error: fsm.yaml:3:9: machine `Import` no longer has the state `End`\n",
    ),
    ("event: loaded", "event: done", "error: fsm.yaml:6:11: state `Load` no longer has the event `loaded`\n"),
    ("rows: int", "rows: str", "error: fsm.yaml:4:19: the value `rows` of machine `Import` was `int` and is `str`\n"),
];

#[test]
fn a_change_that_instances_can_live_with_is_written_down() {
    for (at, (old, new)) in COMPATIBLE.into_iter().enumerate() {
        let folder = locked(&format!("compatible-{at}"));
        let before = lock(&folder);
        write(&folder, &edited(old, new));
        assert_eq!(fantasm(&folder, &["lock", "--check", "fsm.yaml"]).status.code(), Some(1), "{new}");
        assert_eq!(lock(&folder), before, "a check writes nothing");
        assert_eq!(fantasm(&folder, &["lock", "fsm.yaml"]).status.code(), Some(0), "{new}");
        assert_ne!(lock(&folder), before, "{new}");
        let output = fantasm(&folder, &["lock", "--check", "fsm.yaml"]);
        assert_eq!((text(&output.stdout), output.status.code()), ("fantasm.lock is up to date\n".to_owned(), Some(0)));
    }
}

#[test]
fn a_change_that_they_cannot_live_with_is_refused_until_it_is_accepted() {
    for (at, (old, new, told)) in INCOMPATIBLE.into_iter().enumerate() {
        let folder = locked(&format!("incompatible-{at}"));
        let before = lock(&folder);
        write(&folder, &edited(old, new));
        let output = fantasm(&folder, &["lock", "fsm.yaml"]);
        assert!(text(&output.stderr).starts_with(told), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("  help: "), "{}", text(&output.stderr));
        assert_eq!((lock(&folder), output.status.code()), (before.clone(), Some(1)));
        assert_eq!(fantasm(&folder, &["lock", "--accept", "fsm.yaml"]).status.code(), Some(0));
        assert_ne!(lock(&folder), before);
    }
}

#[test]
fn a_value_that_is_gone_stays_in_the_lock_until_it_is_accepted() {
    let folder = locked("gone");
    write(&folder, &edited("context_types: {rows: int}", "context_types: {name: str}"));
    assert_eq!(fantasm(&folder, &["lock", "fsm.yaml"]).status.code(), Some(0));
    assert!(lock(&folder).contains("  gone:\n    rows: int\n"), "{}", lock(&folder));
    for args in [&["check", "fsm.yaml"][..], &["lock", "--check", "fsm.yaml"]] {
        let output = fantasm(&folder, args);
        assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));
    }
    write(&folder, &edited("{rows: int}", "{rows: str}"));
    assert_eq!(fantasm(&folder, &["lock", "fsm.yaml"]).status.code(), Some(1), "it is back with another type");
    assert_eq!(fantasm(&folder, &["lock", "--accept", "fsm.yaml"]).status.code(), Some(0));
    assert!(!lock(&folder).contains("gone"), "{}", lock(&folder));
}

#[test]
fn a_check_compares_with_the_lock_and_writes_nothing() {
    let folder = locked("check");
    let before = lock(&folder);
    let check = |more: &[&str]| fantasm(&folder, &[&["check", "fsm.yaml"], more].concat());
    let output = check(&[]);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));

    write(&folder, &edited("rows: int", "rows: str"));
    let output = check(&[]);
    let told = "fsm.yaml:4:19: the value `rows` of machine `Import` was `int` and is `str` [fantasm.lock]; give the value of \
                the new type another name, and keep `rows: int` meanwhile";
    assert_eq!((text(&output.stderr), output.status.code()), (format!("error: {told}\n\n"), Some(1)));
    assert_eq!(text(&output.stdout), "1 file checked, 1 machine usable: 1 error, 0 warnings\n");
    let output = check(&["--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(document["lock"], json!({"file": "fantasm.lock", "errors": [told], "warnings": []}));
    assert_eq!((&document["ok"], output.status.code()), (&json!(false), Some(1)));

    write(&folder, &edited("rows: int", "rows: int, name: str"));
    let output = check(&[]);
    let told = "warning: fantasm.lock does not know all that fsm.yaml has; `fantasm lock fsm.yaml` writes it\n\n";
    assert_eq!((text(&output.stderr).as_str(), output.status.code()), (told, Some(0)));
    assert_eq!(lock(&folder), before);

    fs::write(folder.join("fantasm.lock"), b"\xff").expect("a file");
    assert_eq!(text(&check(&[]).stderr), "error: fantasm.lock is not UTF-8; take the file back as it was\n\n");
}

#[test]
fn each_file_of_a_folder_has_its_lock() {
    let folder = locked("two");
    let other = FSM_YAML.replace("Import", "Export");
    fs::write(folder.join("export.yaml"), &other).expect("a file");
    let output = fantasm(&folder, &["lock", "export.yaml"]);
    assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), ("export.yaml.lock written\n", ""));
    let output = fantasm(&folder, &["check", "fsm.yaml", "export.yaml"]);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));
    assert!(lock(&folder).contains("Import:") && !lock(&folder).contains("Export:"), "{}", lock(&folder));

    fs::write(folder.join("export.yaml"), other.replace("event: loaded", "event: done")).expect("a file");
    let told = "error: export.yaml:6:11: state `Load` no longer has the event `loaded`";
    for args in [["check", "export.yaml"], ["lock", "export.yaml"]] {
        let output = fantasm(&folder, &args);
        assert!(text(&output.stderr).starts_with(told), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("export.yaml.lock"), "{}", text(&output.stderr));
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn a_lock_that_nobody_would_read_is_told() {
    let folder = locked("stray");
    let before = lock(&folder);
    fs::rename(folder.join("fsm.yaml"), folder.join("jobs.yaml")).expect("a file");
    let told = "error: fantasm.lock: this is the lock of a fsm.yaml, which is not there, and jobs.yaml has none; rename it to \
                jobs.yaml.lock, or remove it if no instance is stored\n";
    for args in [&["check", "jobs.yaml"][..], &["lock", "jobs.yaml"], &["lock", "--check", "jobs.yaml"]] {
        let output = fantasm(&folder, args);
        assert_eq!((text(&output.stderr).trim_end(), output.status.code()), (told.trim_end(), Some(1)), "{args:?}");
        assert!(!folder.join("jobs.yaml.lock").exists(), "{args:?}");
    }
    fs::rename(folder.join("fantasm.lock"), folder.join("jobs.yaml.lock")).expect("a lock");
    let output = fantasm(&folder, &["lock", "jobs.yaml"]);
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("jobs.yaml.lock is up to date\n", Some(0)));

    fs::rename(folder.join("jobs.yaml.lock"), folder.join("fantasm.lock")).expect("a lock");
    let output = fantasm(&folder, &["lock", "--accept", "jobs.yaml"]);
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("jobs.yaml.lock written\n", Some(0)));
    assert_eq!(lock(&folder), before, "the other stays as it is");
}

#[test]
fn a_lock_of_a_file_that_is_gone_is_told() {
    let folder = locked("renamed");
    fs::rename(folder.join("fantasm.lock"), folder.join("jobs.yaml.lock")).expect("a lock");
    let told = "error: jobs.yaml.lock: this is the lock of a jobs.yaml, which is not there, and fsm.yaml has none; rename it \
                to fantasm.lock, or remove it if no instance is stored";
    for args in [["check", "fsm.yaml"], ["lock", "fsm.yaml"]] {
        let output = fantasm(&folder, &args);
        assert_eq!((text(&output.stderr).trim_end(), output.status.code()), (told, Some(1)), "{args:?}");
    }
    fs::copy(folder.join("fsm.yaml"), folder.join("jobs.yaml")).expect("a file");
    let output = fantasm(&folder, &["check", "fsm.yaml"]);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)), "it is of that one");
    fs::write(folder.join("Cargo.lock"), "").expect("another kind of lock");
    fs::remove_file(folder.join("jobs.yaml.lock")).expect("a lock");
    assert_eq!(fantasm(&folder, &["check", "fsm.yaml"]).status.code(), Some(0), "no lock is no error");
}

#[test]
fn what_is_no_lock_is_left_alone() {
    let folder = locked("no-lock");
    fs::write(folder.join("fantasm.lock"), "One: 7\n").expect("a file");
    let output = fantasm(&folder, &["lock", "--accept", "fsm.yaml"]);
    assert!(text(&output.stderr).contains("`fantasm.lock` is no lock"), "{}", text(&output.stderr));
    assert_eq!((lock(&folder).as_str(), output.status.success()), ("One: 7\n", false));
    write(&folder, "state_machines: 7\n");
    assert_eq!(fantasm(&folder, &["lock", "fsm.yaml"]).status.code(), Some(1), "a file with errors has no lock");
}

/// A folder with a file and its lock.
fn locked(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lock").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder of an earlier run");
    }
    fs::create_dir_all(&folder).expect("a folder");
    write(&folder, FSM_YAML);
    let output = fantasm(&folder, &["lock", "--accept", "fsm.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    folder
}

fn edited(old: &str, new: &str) -> String {
    assert!(FSM_YAML.contains(old), "{old}");
    FSM_YAML.replacen(old, new, 1)
}

fn write(folder: &Path, text: &str) {
    fs::write(folder.join("fsm.yaml"), text).expect("a file");
}

fn lock(folder: &Path) -> String {
    fs::read_to_string(folder.join("fantasm.lock")).expect("a lock")
}

fn fantasm(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fantasm")).args(args).current_dir(folder).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
