//! A package of its own, built by cargo as users build theirs: what the build script tells, when it runs, and what is left
//! when fsm.yaml is wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clippy;
mod dialects;
mod first;
mod later;
mod lock;
mod package;
mod shared;

use package::Package;

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  description: Loads what a partner has, see <https://example.com> [and] so on.
  context_types:
    rows: int
  states:
  - name: Load
    description: It fetches the rows.
    initial: True
    final: True
    action: load
    transitions:
    - event: again
      description: One more time.
      to: Load
";

const LIB_RS: &str = "\
//! Imports.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]

use machines::import::{Context, Load};

/// Generated from fsm.yaml.
pub mod machines {
    fantasm::include_machines!();
}

/// Loads one row.
#[fantasm::fsm_action]
pub async fn load(cx: &mut Context) -> Option<Load> {
    cx.rows += 1;
    Some(Load::Again)
}
";

/// Counts its own runs.
const BUILD_RS: &str = r#"
use std::{fs::OpenOptions, io::Write};

fn main() {
    let mut runs = OpenOptions::new().create(true).append(true).open("runs.txt").unwrap();
    runs.write_all(b"x").unwrap();
    fantasm_build::compile("fsm.yaml");
}
"#;

#[test]
fn a_package_from_its_first_build_on() {
    let package = Package::new("probe");
    without_a_build_script(&package);
    without_fsm_yaml(&package);
    let code = with_all_there(&package);
    the_build_script_runs_when_fsm_yaml_changes_and_not_otherwise(&package, &code);
    what_is_wrong_is_told_once(&package);
    an_imported_file_is_watched_too(&package);
    warnings_are_told_by_cargo(&package);
    an_action_that_nobody_names_is_never_used(&package);
    code_of_before_is_not_taken_for_that_of_today(&package);
}

fn without_a_build_script(package: &Package) {
    package.write("src/lib.rs", "pub mod machines { fantasm::include_machines!(); }");
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("fantasm_build::compile(\"fsm.yaml\");"), "{told}");
    assert!(told.contains("under [build-dependencies], from where `fantasm` comes"), "{told}");
}

fn without_fsm_yaml(package: &Package) {
    package.write("build.rs", BUILD_RS);
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("fsm.yaml") && told.contains("[yaml-file-not-found]"), "{told}");
}

/// Answers the generated code.
fn with_all_there(package: &Package) -> String {
    package.write("fsm.yaml", FSM_YAML);
    package.write("src/lib.rs", LIB_RS);
    let told = package.check();
    assert_eq!(told.errors(), 0, "{told}");
    let told = package.doc();
    assert_eq!(told.errors(), 0, "{told}");
    let page = package.documentation("machines/import/index.html");
    assert!(
        page.contains("data-machine=\"Import\"") && page.contains("data-event=\"again\""),
        "the graph is shown: {page}"
    );
    let description = "Loads what a partner has, see &lt;https://example.com&gt; [and] so on.";
    let is_told =
        |page: &str, what: [&str; 2]| assert!(what.iter().all(|what| page.contains(what)), "{what:?}: {page}");
    is_told(&page, [description, "<code>fsm.yaml:3:9</code>"]);
    let page = |page: &str| package.documentation(&format!("machines/{page}"));
    is_told(&page("struct.Import.html"), [description, "<code>fsm.yaml:6:5</code>"]);
    is_told(&page("import/enum.State.html"), ["fetches the rows", "<code>fsm.yaml:8:11</code>"]);
    is_told(&page("import/enum.Load.html"), ["fetches the rows", "<code>fsm.yaml:8:11</code>"]);
    is_told(&page("import/enum.Load.html"), ["One more time.", "<code>fsm.yaml:14:14</code>"]);
    package.generated()
}

fn the_build_script_runs_when_fsm_yaml_changes_and_not_otherwise(package: &Package, code: &str) {
    let runs = package.read("runs.txt").len();
    package.check();
    package.write("src/lib.rs", LIB_RS);
    package.write("README.md", "Not an input.");
    package.check();
    assert_eq!(package.read("runs.txt").len(), runs, "nothing that it reads has changed");

    let written = package.generated_at();
    package.write("fsm.yaml", FSM_YAML);
    package.check();
    assert_eq!(package.read("runs.txt").len(), runs + 1, "fsm.yaml was written");
    assert_eq!(package.generated_at(), written, "the same code is not written again");

    package.write("fsm.yaml", &FSM_YAML.replace("rows: int", "rows: int\n    partner: str"));
    assert_eq!(package.check().errors(), 0);
    assert_ne!(package.generated(), code);
}

fn what_is_wrong_is_told_once(package: &Package) {
    package.write("fsm.yaml", &FSM_YAML.replace("to: Load", "to: Laod"));
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("fsm.yaml:16:11") && told.contains("did you mean `Load`?"), "{told}");

    package.write("src/lib.rs", &LIB_RS.replace("Load::Again", "Load::Agian"));
    let told = package.check();
    assert_eq!(told.errors(), 2, "one error of fsm.yaml and one of the code: {told}");

    package.write("src/lib.rs", LIB_RS);
    package.write("fsm.yaml", "state_machines: [\n");
    assert_eq!(package.check().errors(), 1, "what is no YAML at all is one error too");
    package.write("fsm.yaml", FSM_YAML);
    assert_eq!(package.check().errors(), 0);
}

fn an_imported_file_is_watched_too(package: &Package) {
    package.write("more.yaml", "state_machines: []\n");
    package.write("fsm.yaml", &FSM_YAML.replace("state_machines:\n", "state_machines:\n- import: more.yaml\n"));
    assert_eq!(package.check().errors(), 0);
    let runs = package.read("runs.txt").len();
    package.write("more.yaml", "state_machines: nothing\n");
    let told = package.check();
    assert_eq!(package.read("runs.txt").len(), runs + 1);
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("more.yaml:1:17"), "{told}");
}

fn warnings_are_told_by_cargo(package: &Package) {
    package.write("fsm.yaml", &FSM_YAML.replace("  states:\n", "  max_retries: 3\n  states:\n"));
    let told = package.check();
    assert_eq!(told.errors(), 0, "{told}");
    assert!(told.contains("warning: probe@0.0.0: fsm.yaml:7:3: "), "{told}");
    assert!(told.contains("[deprecated-max-retries]"), "{told}");
}

fn an_action_that_nobody_names_is_never_used(package: &Package) {
    package.write("fsm.yaml", FSM_YAML);
    package
        .write("src/lib.rs", &format!("{LIB_RS}\n#[fantasm::fsm_action]\nasync fn unnamed(_cx: &mut Context) {{}}\n"));
    let told = package.check();
    assert_eq!(told.errors(), 1, "the package denies warnings: {told}");
    assert!(told.contains("function `unnamed` is never used"), "{told}");
}

fn code_of_before_is_not_taken_for_that_of_today(package: &Package) {
    package.write("src/lib.rs", LIB_RS);
    assert_eq!(package.check().errors(), 0);
    let variable = package.told_to_editors();
    assert!(variable.contains("[\"FANTASM_OUT_DIR\",\""), "editors hand variables on to macros: {variable}");
    package.write("build.rs", "fn main() {}");
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(told.contains("the build script no longer reads fsm.yaml"), "{told}");
    assert!(told.contains("fantasm_build::compile(\"fsm.yaml\");"), "{told}");
    package.write("build.rs", BUILD_RS);
    assert_eq!(package.check().errors(), 0);
}

#[test]
fn two_files_in_one_directory_are_refused() {
    let package = Package::new("two_files");
    package.write("fsm.yaml", FSM_YAML);
    package.write("more.yaml", FSM_YAML);
    package.write("src/lib.rs", LIB_RS);
    package.write(
        "build.rs",
        "fn main() { fantasm_build::compile(\"fsm.yaml\"); fantasm_build::compile(\"more.yaml\"); }",
    );
    let told = package.check();
    assert_eq!(told.errors(), 1, "{told}");
    assert!(
        told.contains("cannot write the code for more.yaml: the code of fsm.yaml is in the same directory"),
        "{told}"
    );
}
