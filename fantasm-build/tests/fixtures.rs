//! The generated code, whole, for one fsm.yaml each: `fixtures/<case>/{fsm.yaml,expected.rs}`.
//!
//! `UPDATE_EXPECT=1 cargo test -p fantasm-build` writes what is generated now. The UI tests compile every `expected.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

#[test]
fn a_machine_of_every_kind_of_state() {
    check("email_batch");
}

#[test]
fn every_attribute_that_the_runtime_knows() {
    check("every_attribute");
}

#[test]
fn events_whose_names_are_constants() {
    check("event_constants");
}

#[test]
fn names_that_rust_would_not_take_as_they_are() {
    check("names");
}

#[test]
fn a_file_without_machines() {
    check("no_machines");
}

#[test]
fn values_with_defaults_and_keys_without_types() {
    check("typed_context");
}

#[test]
fn every_fixture_is_checked() {
    let tests =
        fs::read_to_string(file!().rsplit('/').next().map(|name| Path::new("tests").join(name)).unwrap()).unwrap();
    for fixture in fs::read_dir("tests/fixtures").unwrap() {
        let name = fixture.unwrap().file_name().into_string().unwrap();
        assert!(tests.contains(&format!("check(\"{name}\")")), "no test checks the fixture `{name}`");
    }
}

fn check(case: &str) {
    let folder = Path::new("tests/fixtures").join(case);
    let expected = folder.join("expected.rs");
    let generated = generate(case, &folder.join("fsm.yaml"));
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&expected, &generated).unwrap();
    }
    let expected = fs::read_to_string(&expected).unwrap_or_default();
    assert!(generated == expected, "`{case}` has changed; UPDATE_EXPECT=1 writes it:\n{generated}");
}

/// Generates as a build script does; the version in the header would make every release a change of every fixture.
fn generate(case: &str, file: &Path) -> String {
    let out_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fixtures").join(case);
    fantasm_build::Config::new(file).out_dir(&out_dir).compile();
    assert_eq!(fs::read_to_string(out_dir.join("fantasm-errors.txt")).unwrap(), "", "`{case}` has errors");
    let code = fs::read_to_string(out_dir.join("fantasm.rs")).unwrap();
    // Elsewhere than in OUT_DIR the code tells its errors by itself, from a file beside it.
    let code = code.strip_suffix("\n::std::include!(\"fantasm-errors.rs\");\n").unwrap();
    code.replacen(env!("CARGO_PKG_VERSION"), "VERSION", 1)
}
