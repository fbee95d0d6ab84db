//! `census` on crates whose counts are known.

use std::ffi::OsStr;

use serde_json::Value;

use crate::{
    program::{self, Ended},
    tree::Tree,
};

#[test]
fn everything_odd_is_counted_right() {
    let tree = Tree::of_odd_crates();
    let ended = census(&tree, &["--json", "--verify"]).successful();
    assert_eq!(json(&ended), tree.counts());
    assert!(ended.stderr.contains("verified"), "{}", ended.stderr);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
}

#[test]
fn a_directory_without_crates_comes_to_nothing() {
    let tree = Tree::new();
    assert_eq!(json(&census(&tree, &["--json", "--verify"]).successful()), tree.counts());
}

#[test]
fn the_tables_have_languages_and_licences() {
    let mut tree = Tree::new();
    for (name, licence) in [("a", "license = \"MIT\""), ("b", "license = \"MIT\""), ("c", "license-file = \"L\"")] {
        tree.add_crate(name);
        tree.add_file(format!("{name}/Cargo.toml"), format!("[package]\n{licence}\n"));
        tree.add_file(format!("{name}/src/lib.rs"), "one\ntwo\n");
    }
    tree.add_crate("d");
    tree.add_file("d/README.md", "# d\n");
    let ended = census(&tree, &[]).successful();
    let rows: Vec<Vec<&str>> = ended.stdout.lines().map(cells).collect();
    for row in [
        vec!["Rust", "3", "24", "6"],
        vec!["Markdown", "1", "4", "1"],
        vec!["total", "7", "109", "13"],
        vec!["MIT", "2"],
        vec!["(a", "file", "of", "its", "own)", "1"],
        vec!["(no", "Cargo.toml)", "1"],
    ] {
        assert!(rows.contains(&row), "no row {row:?} in\n{}", ended.stdout);
    }
    assert!(ended.stdout.contains(": 4 crates"), "{}", ended.stdout);
}

#[test]
fn a_second_run_counts_afresh() {
    let mut tree = Tree::of_small_crates(3, 5);
    assert_eq!(json(&census(&tree, &["--json"]).successful()), tree.counts());
    tree.add_file("crate-000/new.rs", "new\n");
    assert_eq!(json(&census(&tree, &["--json", "--verify"]).successful()), tree.counts());
}

#[test]
fn two_directories_share_a_database() {
    let (tree, other) = (Tree::of_small_crates(2, 3), Tree::of_small_crates(4, 2));
    let db = tree.home().join("both.db");
    for tree in [&tree, &other, &tree] {
        let args = [tree.crates().into(), "--json".into(), "--db".into(), db.clone().into_os_string()];
        assert_eq!(json(&program::run("census", tree.home(), args).successful()), tree.counts());
    }
}

#[test]
fn the_help_says_what_there_is() {
    let tree = Tree::new();
    let help = program::run("census", tree.home(), ["--help"]).successful().stdout;
    for option in ["[DIR]", "--db <FILE|URL>", "--json", "--verify"] {
        assert!(help.contains(option), "{help}");
    }
}

/// Counts a tree, with the database in its temporary directory.
fn census(tree: &Tree, options: &[&str]) -> Ended {
    let dir = tree.crates().into_os_string();
    program::run("census", tree.home(), std::iter::once(dir).chain(options.iter().map(Into::into)))
}

/// Counts a tree, with the database in that place.
pub(crate) fn census_at(tree: &Tree, place: &OsStr, options: &[&str]) -> Ended {
    let dir = tree.crates().into_os_string();
    let args = [dir.as_os_str(), "--db".as_ref(), place].into_iter().chain(options.iter().map(AsRef::as_ref));
    program::run("census", tree.home(), args)
}

/// The words of a table's row.
fn cells(line: &str) -> Vec<&str> {
    line.split(['│', '┆', ' ']).filter(|word| !word.is_empty()).collect()
}

pub(crate) fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stdout))
}
