//! A package whose fsm.yaml was good once, and its code goes on while the file has a mistake: that alone is told.

use crate::{
    first::{FSM_YAML, LIB_RS},
    package::Package,
};

const BUILD_RS: &str = "fn main() { fantasm_build::compile(\"fsm.yaml\"); }";

/// Another event, which the code uses, beside a mistake somewhere else.
const NEW_EVENT: [(&str, &str); 3] = [
    ("- event: loaded", "- event: skipped\n      to: Note\n    - event: loaded"),
    MISTAKE,
    ("Load::Loaded", "Load::Skipped"),
];
const NEW_VALUE: [(&str, &str); 3] =
    [("rows: int", "rows: int\n    cents: int"), MISTAKE, ("cx.rows += 1;", "cx.rows += 1; cx.cents += 1;")];
const NEW_EVENT_OF_NO_STATE: [(&str, &str); 3] = [NEW_EVENT[0], ("- name: Load", "- name: Lo ad"), NEW_EVENT[2]];
const OTHER_TYPE: [(&str, &str); 3] =
    [("rows: int", "rows: [int]"), MISTAKE, ("cx.rows += 1;\n    if cx.rows == 1", "if cx.rows.is_empty()")];
const ANY_TYPE: [(&str, &str); 3] =
    [("rows: int", "rows: json"), MISTAKE, ("cx.rows += 1;\n    if cx.rows == 1", "if cx.rows.is_null()")];
const QUOTED_TYPE: [(&str, &str); 2] = [("rows: int", "rows: '[int]'"), OTHER_TYPE[2]];
const FOREIGN_TYPE: [(&str, &str); 2] = [("rows: int", "rows: list[int]"), OTHER_TYPE[2]];
const OTHER_NAME: [(&str, &str); 3] = [OTHER_TYPE[0], ("name: Import", "name: Imp ort"), OTHER_TYPE[2]];
const NO_NAME: [(&str, &str); 3] = [OTHER_TYPE[0], ("name: Import\n  ", ""), OTHER_TYPE[2]];
const OTHER_KEY: [(&str, &str); 3] = [OTHER_TYPE[0], ("context_types:", "context:"), OTHER_TYPE[2]];
const NO_COLON: [(&str, &str); 3] = [OTHER_TYPE[0], ("state_machines:", "state_machines"), OTHER_TYPE[2]];
const OTHER_ACTION: [(&str, &str); 3] = [("action: note", "action: tell"), MISTAKE, ("fn note", "fn tell")];
/// The code still has the name that was good.
const NO_EVENT: [(&str, &str); 1] = [("event: loaded", "event: is_loaded")];
const NO_TYPE: [(&str, &str); 1] = [("rows: int", "rows: 7")];
const NO_YAML: [(&str, &str); 1] = [("state_machines:", "state_machines: [[[[")];
const MISTAKE: (&str, &str) = ("to: Load", "to: Laod");

#[test]
fn one_mistake_is_one_error_after_a_good_build_too() {
    let package = Package::new("later");
    package.write("build.rs", BUILD_RS);
    let types = [&OTHER_TYPE[..], &ANY_TYPE, &QUOTED_TYPE, &FOREIGN_TYPE, &OTHER_NAME, &NO_NAME, &OTHER_KEY, &NO_COLON];
    for edits in types.into_iter().chain([
        &NEW_EVENT[..],
        &NEW_EVENT_OF_NO_STATE,
        &NEW_VALUE,
        &OTHER_ACTION,
        &NO_EVENT,
        &NO_TYPE,
        &NO_YAML,
    ]) {
        package.write("fsm.yaml", FSM_YAML);
        package.write("src/lib.rs", LIB_RS);
        assert_eq!(package.check().errors(), 0);
        let edited = |text: &str| edits.iter().fold(text.to_owned(), |text, (old, new)| text.replacen(old, new, 1));
        package.write("fsm.yaml", &edited(FSM_YAML));
        package.write("src/lib.rs", &edited(LIB_RS));
        let told = package.check();
        assert_eq!(told.errors(), 1, "{edits:?}: {told}");
    }
}

/// Rustc has refused the actions of this file, so its names are all that the next edit may rest on.
#[test]
fn what_rustc_has_refused_is_not_told_again() {
    let package = Package::new("refused");
    package.write("build.rs", BUILD_RS);
    package.write("src/lib.rs", LIB_RS);
    let wrong = FSM_YAML.replace("- name: Import", "- name: Import\n  namespace: nowhere");
    package.write("fsm.yaml", &wrong);
    assert!(package.check().errors() > 0, "there is no such module");
    package.write("fsm.yaml", &FSM_YAML.replace("to: Load", "to: Laod"));
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
}

#[test]
fn an_own_folder_tells_its_errors() {
    let package = Package::new("own_folder");
    package.write(
        "build.rs",
        "fn main() {
            let folder = std::path::PathBuf::from(std::env::var_os(\"OUT_DIR\").unwrap()).join(\"own\");
            fantasm_build::Config::new(\"fsm.yaml\").out_dir(folder).compile();
        }",
    );
    let build_rs = package.read("build.rs");
    let include = "include!(concat!(env!(\"OUT_DIR\"), \"/own/fantasm.rs\"));";
    package.write("src/lib.rs", &LIB_RS.replace("fantasm::include_machines!();", include));
    package.write("fsm.yaml", FSM_YAML);
    assert_eq!(package.check().errors(), 0);
    package.write("fsm.yaml", &FSM_YAML.replace("to: Load", "to: Laod"));
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("did you mean `Load`?"), "{told}");

    package.write("fsm.yaml", FSM_YAML);
    assert_eq!(package.check().errors(), 0);
    package.write("build.rs", "fn main() {}");
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("the build script no longer makes this code"), "{told}");

    package.write("build.rs", &build_rs);
    package.write("fantasm.lock", "Import:\n  context: {}\n  states: {Load: [again, gone]}\n");
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("no longer has the event `gone`"), "{told}");
}
