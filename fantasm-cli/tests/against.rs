//! `fantasm check --against`, on databases with stored tasks.

#![cfg(feature = "store")]

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use fantasm::store::{
    Claiming, Closing, Hop, NewInstance, NewPackage, NewTask, SqliteStore, Store, StoreError, Verdict,
};
use fantasm::{TaskKey, WorkerId};
use serde_json::{Value, json};

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  renamed_from: [Fetch, Get]
  states:
  - {name: Load, initial: true, action: load, transitions: [{event: loaded, renamed_from: got, to: End}]}
  - {name: End, renamed_from: Done, final: true}
- name: Mail
  states:
  - {name: Send, initial: true, action: send, transitions: [{event: events.SENT, to: Sent}]}
  - {name: Sent, final: true}
";

/// Of a machine whose states and values have become others since its tasks were stored.
const SHAPES: &str = "\
edition: 2
state_machines:
- name: Import
  unknown_keys: refuse
  context_types: {rows: int, since: date, names: [str?], ratio: float, key: my.own.Type}
  states:
  - {name: Load, initial: true, action: load, transitions: [{event: again, to: Load}, {event: loaded, to: Sum}]}
  - {name: Sum, fan_in: all, action: sum, final: true}
";

#[test]
fn what_the_machines_could_not_resume_is_listed() {
    let folder = folder("stranded");
    let names = [
        ("Import", None, None, "Load"),
        ("Fetch", None, None, "Load"),
        ("Get", None, None, "Load"),
        ("Import", Some("Load"), Some("got"), "Done"),
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
error: machine `Import` has no state `Fetch`: 2 stored tasks (instances 7, 9)
  = by: a start in `Fetch`
  = help: write `renamed_from: Fetch` at the state that it has become, or keep it until no instance needs it

error: state `Load` of machine `Import` has no event `failed`: 1 stored task (instance 8)
  = by: `Load--failed`
  = help: write `renamed_from: failed` at the transition whose event it has become, or keep a transition for `failed` until no task that follows it is stored

error: there is no machine `Export`: 1 stored task (instance 10)
  = by: a start in `Run`
  = help: write `renamed_from: Export` at the machine that it has become, or keep it until no instance needs it

";
    assert_eq!((text(&output.stderr).as_str(), output.status.code()), (told, Some(1)));
    let output = check(&folder, &["--json"]);
    let documents = text(&output.stdout);
    let document: Value = serde_json::from_str(documents.lines().nth(1).expect("a second line")).expect("JSON");
    assert_eq!(document["against"], "fantasm.db");
    assert_eq!(document["stranded"][1]["instances"], json!([7, 9]));
    assert_eq!(document["stranded"][2]["event"], "failed");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn tasks_and_contexts_of_another_shape_are_listed() {
    let folder = folder("shapes");
    fs::write(folder.join("fsm.yaml"), SHAPES).expect("a file");
    let way =
        |event: &str, to: &str| Hop::from_columns(Some("Load".to_owned()), Some(event.to_owned()), Some(to.to_owned()));
    let task =
        |event, to, context: &str| NewTask::new(TaskKey::random(), way(event, to).expect("a way"), "default", context);
    let package = |to, context: &str| package(way("loaded", to).expect("a way"), context, Closing::Alone);
    let good = r#"{"rows": 3, "since": "2026-11-24", "names": [null, "a"], "ratio": 2, "key": {"any": "thing"}}"#;
    store_all(
        &folder,
        vec![
            NewInstance::new("Import", "{}", task("again", "Load", good)),
            NewInstance::new("Import", "{}", task("again", "Load", "{}")),
            NewInstance::new("Import", "{}", NewTask { token: Some("7".to_owned()), ..task("again", "Load", "{}") }),
            NewInstance::new("Import", "{}", task("again", "Load", r#"{"rows": "3"}"#)),
            NewInstance::new("Import", "{}", task("again", "Load", r#"{"rows": 1.5}"#)),
            NewInstance::new("Import", "{}", task("again", "Load", r#"{"since": "yesterday"}"#)),
            NewInstance::new("Import", "{}", task("again", "Load", r#"{"names": [1]}"#)),
            NewInstance::new("Import", "{}", task("again", "Load", r#"{"ratio": null}"#)),
            NewInstance::new("Import", "{}", task("again", "Load", r#"{"colour": "red"}"#)),
            NewInstance::new("Import", "{}", task("loaded", "Sum", "{}")),
            NewInstance::new("Import", "{}", package("Sum", r#"{"rows": false}"#)),
            NewInstance::new("Import", "{}", package("Load", "{}")),
        ],
    );
    let output = check(&folder, &[]);
    let told = text(&output.stderr);
    let errors = told.lines().filter(|line| line.starts_with("error: ")).collect::<Vec<_>>();
    assert_eq!(
        errors,
        [
            "error: machine `Import` refuses unknown keys, and has no value `colour`: 1 stored task (instance 9)",
            "error: state `Load` of machine `Import` is no continuation, and the task names a page: 1 stored task (instance 3)",
            "error: state `Load` of machine `Import` is no fan-in, and the task has a window in which contexts wait: \
             1 stored task (instance 12)",
            "error: state `Sum` of machine `Import` is a fan-in, and the task has no window: 1 stored task (instance 10)",
            "error: the value `names` of machine `Import` is of another type: 1 stored task (instance 7)",
            "error: the value `ratio` of machine `Import` is of another type: 1 stored task (instance 8)",
            "error: the value `rows` of machine `Import` is of another type: 3 stored tasks (instances 4, 5, 11)",
            "error: the value `since` of machine `Import` is of another type: 1 stored task (instance 6)",
        ],
        "{told}"
    );
    let ways = told.lines().filter(|line| line.starts_with("  = by: ")).collect::<Vec<_>>();
    assert!(ways[6].contains("`Load--again`") && ways[6].contains("`Load--loaded`"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn instances_that_wait_in_a_window_of_another_kind_are_listed() {
    let folder = folder("windows");
    let hour = Closing::After { period: Duration::from_secs(3600), max: None };
    let due = Closing::After { period: Duration::ZERO, max: None };
    let full = Closing::After { period: Duration::from_secs(3600), max: NonZeroU32::new(1) };
    let way = Hop::Transition { from: "Load".to_owned(), event: "loaded".to_owned(), to: "Sum".to_owned() };
    let window = |closing| package(way.clone(), "{}", closing);
    store_all(&folder, [hour, due, full].map(|closing| NewInstance::new("Import", "{}", window(closing))).into());
    let task = || NewTask::new(TaskKey::random(), Hop::Start { to: "Load".to_owned() }, "default", "{}");
    run(async {
        let store = SqliteStore::open(folder.join("fantasm.db")).await?;
        store.start(vec![NewInstance::new("Import", "{}", task())]).await?;
        let worker = WorkerId::random();
        store.register(worker, Duration::from_secs(60)).await?;
        let claiming = Claiming { machines: vec!["Import".to_owned()], ..Claiming::new(worker, NonZeroU32::MAX) };
        let claims = store.claim(claiming).await?;
        let start = claims.iter().find(|claim| claim.task.window.is_none()).expect("a start");
        let next = vec![window(Closing::Alone).into(), task().into()];
        store.commit(start.lease, Verdict::Done { next, context: "{}".to_owned() }.into()).await
    });
    let of_kind = |fan_in: &str| {
        let machines = "state_machines:\n- name: Import\n  states:\n  - {name: Load, initial: true, action: load, \
             continuation: true, final: true, transitions: [{event: loaded, to: Sum}]}\n  - {name: Sum, action: sum, final: true";
        fs::write(folder.join("fsm.yaml"), format!("edition: 2\n{machines}, fan_in: {fan_in}}}\n")).expect("a file");
        text(&check(&folder, &[]).stderr)
    };
    let help = "  = by: `Load--loaded`\n  = help: give the new state another name, and keep `Sum` as it was until no task of \
                it is stored\n\n";
    assert_eq!(
        of_kind("all"),
        format!(
            "error: state `Sum` of machine `Import` gathers all, and the task has an open window that gathers by time: \
             1 stored task (instance 1)\n{help}"
        )
    );
    assert_eq!(
        of_kind("{seconds: 6, max: 9}"),
        format!(
            "error: state `Sum` of machine `Import` gathers by time, and the task has an open window that waits for all \
             others: 1 stored task (instance 4)\n{help}"
        )
    );
}

#[test]
fn windows_that_would_not_be_found_are_listed() {
    let folder = folder("first-names");
    let way = || Hop::Transition { from: "Load".to_owned(), event: "loaded".to_owned(), to: "Sum".to_owned() };
    let hour = Closing::After { period: Duration::from_secs(3600), max: None };
    store_all(&folder, vec![NewInstance::new("Import", "{}", package(way(), "{}", hour))]);
    let told = |load: &str, loaded: &str, sum: &str| {
        let machines = format!(
            "edition: 2\nlints: {{fan-in-without-fan-out: allow}}\nstate_machines:\n- name: Import\n  states:\n  - {{name: Load, {load} initial: true, action: load, \
             transitions: [{{event: loaded, {loaded} to: Sum}}]}}\n  - {{name: Sum, {sum} action: sum, final: true, fan_in: 2}}\n"
        );
        fs::write(folder.join("fsm.yaml"), machines).expect("a file");
        let told = text(&check(&folder, &[]).stderr);
        told.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(told("", "", ""), "");
    for (told, what) in [
        (told("renamed_from: Fetch,", "", ""), "state `Load`, which the file says was first called `Fetch`"),
        (told("", "renamed_from: got,", ""), "event `loaded`, which the file says was first called `got`"),
        (told("", "", "renamed_from: Total,"), "state `Sum`, which the file says was first called `Total`"),
    ] {
        let window = "error: an open window of machine `Import` is kept under the";
        assert_eq!(told, format!("{window} {what}: 1 stored task (instance 1)"));
    }
}

#[test]
fn what_is_no_store_is_left_as_it_is() {
    let folder = folder("no-store");
    let output = check(&folder, &[]);
    assert!(text(&output.stderr).contains("there is no such file"), "{}", text(&output.stderr));
    assert!(!folder.join("fantasm.db").exists(), "nothing is made");
    fs::create_dir(folder.join("fantasm.db")).expect("a folder");
    let output = check(&folder, &[]);
    assert!(text(&output.stderr).contains("`fantasm.db` is a folder"), "{}", text(&output.stderr));
    fs::remove_dir(folder.join("fantasm.db")).expect("a folder");
    fs::write(folder.join("fantasm.db"), "").expect("a file");
    let output = check(&folder, &[]);
    assert!(text(&output.stderr).contains("no store was ever opened in this file"), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.join("fantasm.db")).expect("a file"), b"");
    assert_eq!(output.status.code(), Some(1));
}

#[cfg(unix)]
#[test]
fn a_file_beside_which_nothing_can_be_written_is_to_be_copied() {
    let folder = folder("read-only");
    store(&folder, &[("Import", None, None, "Load")]);
    // Whoever may write everything is kept by this from what a folder that is read-only keeps others from.
    std::os::unix::fs::symlink("nowhere", folder.join("fantasm.db-shm")).expect("a link");
    let output = check(&folder, &[]);
    let told = text(&output.stderr);
    assert!(told.contains("copy the file, with its `-wal` if there is one"), "{told}");
    assert!(!told.contains("for writing"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_url_asks_for_the_feature() {
    let output = fantasm(&folder("url"), &["check", "--against", "postgres://localhost/jobs", "fsm.yaml"]);
    assert!(text(&output.stderr).contains("--features postgres` where"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
}

/// Stores one instance for each way: machine, from, event and to.
fn store(folder: &Path, ways: &[(&str, Option<&str>, Option<&str>, &str)]) {
    let instance = |(machine, from, event, to): &(&str, Option<&str>, Option<&str>, &str)| {
        let columns = (from.map(str::to_owned), event.map(str::to_owned), Some((*to).to_owned()));
        let hop = Hop::from_columns(columns.0, columns.1, columns.2).expect("a way");
        NewInstance::new(*machine, "{}", NewTask::new(TaskKey::random(), hop, "default", "{}"))
    };
    store_all(folder, ways.iter().map(instance).collect());
}

fn package(hop: Hop, context: &str, closing: Closing) -> NewPackage {
    NewPackage {
        window_key: TaskKey::random(),
        hop,
        group: None,
        queue: "default".to_owned(),
        target: None,
        context: context.to_owned(),
        queue_override: None,
        closing,
        rank: 0,
    }
}

fn store_all(folder: &Path, instances: Vec<NewInstance>) {
    run(async {
        let store = SqliteStore::open(folder.join("fantasm.db")).await?;
        store.start(instances).await.map(drop)
    });
}

fn run(stored: impl Future<Output = Result<(), StoreError>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(stored).expect("they are stored");
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
