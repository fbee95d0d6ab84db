//! Every store against the suite of promises, and what is particular to each.

#![cfg(test)]

mod memory;
mod postgres;
mod rows;
mod sqlite;

use std::{collections::BTreeSet, fs, path::Path};

/// A case that is written but not listed in `store_conformance!` would never run.
#[test]
fn every_case_of_the_suite_is_listed() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fantasm/src/store/conformance");
    let list = fs::read_to_string(suite.join("mod.rs")).unwrap();
    let listed: BTreeSet<&str> = list.split_whitespace().collect();
    let mut n_cases = 0;
    for file in fs::read_dir(&suite).unwrap() {
        let path = file.unwrap().path();
        let code = fs::read_to_string(&path).unwrap();
        for case in code.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
            let name = case.split('(').next().unwrap();
            assert!(listed.contains(name), "{} has a case `{name}` that mod.rs does not list", path.display());
            n_cases += 1;
        }
    }
    assert!(n_cases > 50, "the suite is where this test looks for it: {n_cases} cases found");
}
