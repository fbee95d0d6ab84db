//! What compiles, and what does not and what rustc then says.
//!
//! A folder is a kind of mistake: its `fsm.yaml`, and for each case a `.rs` file and what rustc says about it. A line that is
//! wrong ends in `~ mistake`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

mod pass;

#[test]
fn what_rustc_says() {
    // One value for all cases, so that what they depend on is built once. Modules are cases of their own test.
    let cases = trybuild::TestCases::new();
    for case in cases_below(Path::new("ui")).unwrap() {
        cases.compile_fail(case);
    }
}

#[test]
fn one_mistake_is_one_error() {
    for case in cases_below(Path::new("ui")).unwrap() {
        let told = fs::read_to_string(case.with_extension("stderr")).unwrap();
        let yaml = fs::read_to_string(case.with_file_name("fsm.yaml")).unwrap_or_default();
        let written = fs::read_to_string(&case).unwrap() + &yaml;
        let errors = told.lines().filter(|line| line.starts_with("error")).count();
        let mistakes = written.matches("~ mistake").count();
        assert_eq!(errors, mistakes, "errors of {}:\n{told}", case.display());
    }
}

#[test]
fn an_error_in_generated_code_names_its_place_in_fsm_yaml() {
    for case in cases_below(Path::new("ui")).unwrap() {
        let told = fs::read_to_string(case.with_extension("stderr")).unwrap();
        if told.contains("--> $OUT_DIR") {
            assert!(told.contains("fsm.yaml:"), "what is said about {}:\n{told}", case.display());
        }
    }
}

/// Every case of every mistake, in the order of their names.
fn cases_below(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut cases = Vec::new();
    for mistake in fs::read_dir(dir)? {
        let mistake = mistake?.path();
        if mistake.is_dir() && !mistake.ends_with("pass") {
            for case in fs::read_dir(mistake)? {
                cases.push(case?.path());
            }
        }
    }
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "rs"));
    cases.sort();
    Ok(cases)
}
