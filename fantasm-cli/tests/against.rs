//! `fantasm check --against`, on databases with stored tasks.

#![cfg(feature = "store")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fantasm::TaskKey;
use fantasm::store::{Hop, NewInstance, NewTask, SqliteStore, Store};
use serde_json::{Value, json};

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  renamed_from: Fetch
  states:
  - {name: Load, initial: true, action: load, transitions: [{event: loaded, to: End}]}
  - {name: End, renamed_from: Done, final: true}
- name: Mail
  states:
  - {name: Send, initial: true, action: send, transitions: [{event: events.SENT, to: Sent}]}
  - {name: Sent, final: true}
";

#[test]
fn what_the_machines_could_not_resume_is_listed() {
    let folder = folder("stranded");
    let names = [
        ("Import", None, None, "Load"),
        ("Fetch", None, None, "Load"),
        ("Import", Some("Load"), Some("loaded"), "Done"),
        ("Mail", Some("Send"), Some("whatever the constant says"), "Sent"),
        ("fantasm.retention", None, None, "Sweep"),
    ];
    store(&folder, &names);
    let output = check(&folder, &[]);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));

    store(&folder, &[("Import", None, None, "Fetch"), ("Import", Some("Load"), Some("failed"), "End")]);
    store(&folder, &[("Import", None, None, "Fetch"), ("Export", None, None, "Run")]);
    let output = check(&folder, &[]);
    let told = "\
error: there is no machine `Export`: 1 stored task (instances 9)
  = help: write `renamed_from: Export` at the machine that it has become, or keep it until no instance needs it

error: machine `Import` has no state `Fetch`: 2 stored tasks (instances 6, 8)
  = help: write `renamed_from: Fetch` at the state that it has become, or keep it until no instance needs it

error: state `Load` of machine `Import` has no event `failed`: 1 stored task (instances 7)
  = help: keep a transition for `failed` until no task that follows it is stored

";
    assert_eq!((text(&output.stderr).as_str(), output.status.code()), (told, Some(1)));
    let output = check(&folder, &["--json"]);
    let documents = text(&output.stdout);
    let document: Value = serde_json::from_str(documents.lines().nth(1).expect("a second line")).expect("JSON");
    assert_eq!(document["against"], "fantasm.db");
    assert_eq!(document["stranded"][1]["instances"], json!([6, 8]));
    assert_eq!(document["stranded"][2]["event"], "failed");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_is_no_store_is_left_as_it_is() {
    let folder = folder("no-store");
    let output = check(&folder, &[]);
    assert!(text(&output.stderr).contains("there is no such file"), "{}", text(&output.stderr));
    assert!(!folder.join("fantasm.db").exists(), "nothing is made");
    fs::write(folder.join("fantasm.db"), "").expect("a file");
    let output = check(&folder, &[]);
    assert!(text(&output.stderr).contains("no store was ever opened in this file"), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.join("fantasm.db")).expect("a file"), b"");
    assert_eq!(output.status.code(), Some(1));
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_url_asks_for_the_feature() {
    let output = fantasm(&folder("url"), &["check", "--against", "postgres://localhost/jobs", "fsm.yaml"]);
    assert!(text(&output.stderr).contains("add the feature `postgres`"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
}

/// Stores one instance for each way: machine, from, event and to.
fn store(folder: &Path, ways: &[(&str, Option<&str>, Option<&str>, &str)]) {
    let instance = |(machine, from, event, to): &(&str, Option<&str>, Option<&str>, &str)| {
        let columns = (from.map(str::to_owned), event.map(str::to_owned), Some((*to).to_owned()));
        let hop = Hop::from_columns(columns.0, columns.1, columns.2).expect("a way");
        NewInstance::new(*machine, "{}", NewTask::new(TaskKey::random(), hop, "default", "{}"))
    };
    let instances = ways.iter().map(instance).collect();
    let start = async {
        let store = SqliteStore::open(folder.join("fantasm.db")).await?;
        store.start(instances).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(start).expect("they are stored");
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("against").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder of an earlier run");
    }
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("fsm.yaml"), FSM_YAML).expect("a file");
    folder
}

fn check(folder: &Path, more: &[&str]) -> Output {
    fantasm(folder, &[&["check", "--against", "fantasm.db"], more, &["fsm.yaml"]].concat())
}

fn fantasm(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fantasm")).args(args).current_dir(folder).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
