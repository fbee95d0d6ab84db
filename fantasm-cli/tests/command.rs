//! The command as its users run it: the real binary, its output and its exit status.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

#[test]
fn check_praises_a_good_file() {
    let output = fantasm(&["check", "email_batch.yaml"]);
    assert_eq!(stdout(&output), "1 file checked, 1 machine usable: 0 errors, 0 warnings\n");
    assert_eq!((stderr(&output), output.status.code()), (String::new(), Some(0)));
}

#[test]
fn check_tells_every_mistake_in_file_order() {
    let output = fantasm(&["check", "mistakes.yaml", "email_batch.yaml"]);
    let places: Vec<String> =
        stderr(&output).lines().filter_map(|line| line.trim_start().strip_prefix("--> ").map(str::to_owned)).collect();
    assert_eq!(places, ["mistakes.yaml:3:3", "mistakes.yaml:6:5", "mistakes.yaml:10:11"]);
    assert_eq!(stdout(&output), "2 files checked, 1 machine usable: 2 errors, 1 warning\n");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn check_tells_ten_different_mistakes_in_file_order() {
    let output = fantasm(&["check", "--json", "ten_mistakes.yaml"]);
    let document: Value = serde_json::from_str(&stdout(&output)).expect("a document");
    let diagnostics = document["diagnostics"].as_array().expect("a list");
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic["severity"] == "error");
    let told: Vec<String> =
        errors.map(|error| format!("{} {}", error["line"], error["code"]).replace('"', "")).collect();
    let expected = [
        "2 invalid-machine-name",
        "4 invalid-context-type",
        "8 invalid-action-path",
        "9 invalid-fan-in",
        "12 transition-unknown-to-state",
        "13 invalid-countdown",
        "14 transition-name-not-unique",
        "18 fan-in-continuation-not-supported",
        "21 state-action-required",
        "22 invalid-state-attribute",
    ];
    assert_eq!(told, expected);
}

#[test]
fn check_json_prints_a_document_a_line() {
    let output = fantasm(&["check", "--json", "mistakes.yaml", "email_batch.yaml", "nowhere.yaml"]);
    let documents: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("a line is a document")).collect();
    let [mistakes, email_batch, nowhere] = documents.as_slice() else { panic!("{documents:?}") };
    assert_eq!(mistakes["ok"], json!(false));
    assert_eq!(mistakes["root_url"], Value::Null);
    assert_eq!(
        mistakes["diagnostics"][2],
        json!({
            "code": "transition-unknown-to-state", "severity": "error", "message": "machine `Mail` has no state `Don`",
            "help": "did you mean `Done`?", "file": "mistakes.yaml", "line": 10, "column": 11, "end_line": 10, "end_column": 14,
        })
    );
    assert_eq!((&email_batch["ok"], &email_batch["file"]), (&json!(true), &json!("email_batch.yaml")));
    assert_eq!(email_batch["root_url"], json!("/fantasm/"));
    assert_eq!(email_batch["machines"][0]["states"][0]["action"], json!("email_batch.send_email"));
    assert_eq!(nowhere["diagnostics"][0]["code"], json!("yaml-file-not-found"));
    assert_eq!((stderr(&output), output.status.code()), (String::new(), Some(1)));
}

#[test]
fn check_only_warns_of_what_the_build_refuses() {
    let output = fantasm(&["check", "python_only.yaml"]);
    assert!(stderr(&output).starts_with("warning[python-only-context-type]"));
    assert_eq!(output.status.code(), Some(0));
    let output = fantasm(&["check", "--build", "python_only.yaml"]);
    assert!(stderr(&output).starts_with("error[python-only-context-type]"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn check_takes_a_rule_as_seriously_as_it_is_told_to() {
    let status = |levels: &[&str]| {
        let output = fantasm(&[&["check", "python_only.yaml"], levels].concat());
        let level = stderr(&output).split('[').next().unwrap_or_default().to_owned();
        (level, output.status.code())
    };
    assert_eq!(status(&[]), ("warning".to_owned(), Some(0)));
    assert_eq!(status(&["--deny", "python-only-context-type"]), ("error".to_owned(), Some(1)));
    assert_eq!(status(&["--deny", "warnings"]), ("error".to_owned(), Some(1)));
    assert_eq!(status(&["--build", "--warn", "python-only-context-type"]), ("warning".to_owned(), Some(0)));
    assert_eq!(status(&["--allow", "python-only-context-type", "--deny", "warnings"]), (String::new(), Some(0)));
}

#[test]
fn check_says_which_rule_was_meant() {
    let output = fantasm(&["check", "--deny", "unreachable-sate", "email_batch.yaml"]);
    let told = stderr(&output);
    assert!(
        told.contains("`unreachable-sate` is no rule that has a level; did you mean `unreachable-state`?"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn check_takes_hundreds_of_files_and_folders_for_files() {
    let mut args = vec!["check", "--json", "."];
    args.extend(std::iter::repeat_n("email_batch.yaml", 400));
    let output = fantasm(&args);
    assert_eq!(stdout(&output).lines().count(), 401);
    let folder: Value = serde_json::from_str(stdout(&output).lines().next().expect("a line")).expect("a document");
    assert_eq!(folder["diagnostics"][0]["code"], json!("yaml-file-not-found"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_folder_stands_for_the_file_of_machines_in_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("folder");
    fs::create_dir_all(folder.join("src")).expect("a folder");
    let machines = fs::read(files().join("email_batch.yaml")).expect("a file");
    fs::write(folder.join("src/fantasm.yml"), machines).expect("a file is written");
    let folder = folder.to_str().expect("the folder has a name that is text");
    let output = fantasm(&["check", "--json", folder]);
    let document: Value = serde_json::from_str(&stdout(&output)).expect("a document");
    assert_eq!(document["file"], json!(format!("{folder}/src/fantasm.yml")));
    assert_eq!(fantasm(&["graph", folder, "EmailBatch"]).status.code(), Some(0));
}

#[test]
fn graph_draws_in_three_languages() {
    let output = fantasm(&["graph", "email_batch.yaml", "EmailBatch"]);
    assert!(stdout(&output).starts_with("stateDiagram-v2\n"));
    let output = fantasm(&["graph", "email_batch.yaml", "EmailBatch", "--format", "dot"]);
    assert!(stdout(&output).starts_with("digraph \"EmailBatch\" {\n"));
    let output = fantasm(&["graph", "email_batch.yaml", "EmailBatch", "--format", "svg"]);
    assert!(stdout(&output).starts_with("<svg xmlns="));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn graph_writes_files_in_the_language_of_their_names() {
    for (name, start) in
        [("g.svg", "<svg "), ("g.dot", "digraph "), ("g.gv", "digraph "), ("g.mmd", "stateDiagram-v2\n")]
    {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let path = path.to_str().expect("the folder has a name that is text");
        let output = fantasm(&["graph", "email_batch.yaml", "EmailBatch", "-o", path]);
        assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(0)), "{name}: {}", stderr(&output));
        assert!(fs::read_to_string(path).expect("the file is there").starts_with(start), "{name}");
    }
}

#[test]
fn graph_says_why_it_writes_no_file() {
    let output = fantasm(&["graph", "email_batch.yaml", "EmailBatch", "-o", "g.png"]);
    assert_eq!(
        stderr(&output),
        "error: the name `g.png` says no language of drawings\n  = help: let it end in .svg, .dot, .gv or .mmd, or add --format\n"
    );
    assert_eq!(output.status.code(), Some(1));
    let output = fantasm(&["graph", "email_batch.yaml", "EmailBatch", "-o", "no-such-folder/g.svg"]);
    assert!(stderr(&output).starts_with("error: `no-such-folder/g.svg` cannot be written: "), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn graph_says_which_machines_there_are() {
    let output = fantasm(&["graph", "email_batch.yaml", "Emailbatch"]);
    assert_eq!(
        stderr(&output),
        "error: `email_batch.yaml` has no machine `Emailbatch`\n  = help: it has: EmailBatch\n"
    );
    assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(1)));
    let output = fantasm(&["graph", "mistakes.yaml", "Mail"]);
    assert!(stderr(&output).contains("error[invalid-state-attribute]"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn explain_prints_the_chapter_of_a_code() {
    let output = fantasm(&["explain", "invalid-fan-in"]);
    assert!(stdout(&output).starts_with("# invalid-fan-in\n"));
    assert_eq!(output.status.code(), Some(0));
    let list = stdout(&fantasm(&["explain"]));
    assert!(list.contains("\ninvalid-fan-in: ") && list.contains("\nunreachable-state (warning): "), "{list}");
    let output = fantasm(&["explain", "invalid-fan"]);
    assert_eq!(
        stderr(&output),
        "error: `invalid-fan`: no rule has this code\n  = help: did you mean `invalid-fan-in`?\n"
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&fantasm(&["explain", "x"])).ends_with("`fantasm explain` lists them all\n"));
}

#[test]
fn a_wrong_command_line_ends_with_two() {
    for args in [&["check"][..], &["draw"], &["graph", "fsm.yaml"], &[]] {
        assert_eq!(fantasm(args).status.code(), Some(2), "{args:?}");
    }
}

fn fantasm(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fantasm")).args(args).current_dir(files()).output().expect("the binary runs")
}

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("the output is text")
}
