//! What the packages' manifests say.

use std::fs;

use toml::{Table, Value};

use crate::{assert_none, root, source::files_below};

/// Which package must not depend on what; tests of its own are exempt.
const NEVER: &[(&str, &[&str], &str)] = &[
    (
        "fantasm-spec",
        &["fantasm", "fantasm-build", "fantasm-macros", "tokio", "rusqlite", "syn", "quote", "proc-macro2"],
        "text in, model out",
    ),
    (
        "fantasm-macros",
        &["fantasm", "fantasm-spec", "fantasm-build", "serde-saphyr", "tokio"],
        "a macro looks at one function, and is built before everything else",
    ),
    (
        "fantasm",
        &["fantasm-spec", "fantasm-build", "serde-saphyr", "anyhow", "clap"],
        "the runtime runs what was checked",
    ),
    ("fantasm-build", &["fantasm", "tokio", "rusqlite", "anyhow"], "build scripts are to be built fast"),
    ("xtask", &["fantasm", "tokio", "clap", "syn"], "the first command of a clean checkout is to start at once"),
];

#[test]
fn no_package_depends_on_what_it_must_not_know() {
    let mut findings = Vec::new();
    for (package, never, because) in NEVER {
        let manifest = manifest(&format!("{package}/Cargo.toml"));
        let dependencies = dependencies(&manifest, &["dependencies", "build-dependencies"]);
        for name in dependencies.iter().map(|(name, _)| name).filter(|name| never.contains(&name.as_str())) {
            findings.push(format!("{package} depends on {name}: {because}"));
        }
    }
    assert_none(&findings);
}

#[test]
fn every_package_takes_its_settings_from_the_workspace() {
    let mut findings = Vec::new();
    for path in packages() {
        let manifest = manifest(&path);
        let is_inherited = |value: Option<&Value>| {
            value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
        };
        if !is_inherited(manifest.get("lints")) {
            findings.push(format!("{path}: `[lints] workspace = true` is missing"));
        }
        for key in ["version", "edition", "rust-version", "license"] {
            if !is_inherited(manifest.get("package").and_then(|package| package.get(key))) {
                findings.push(format!("{path}: `{key}.workspace = true` is missing"));
            }
        }
        for (name, value) in dependencies(&manifest, &["dependencies", "build-dependencies", "dev-dependencies"]) {
            if !is_inherited(Some(&value)) {
                findings.push(format!("{path}: `{name}` has a version of its own; write it in the workspace's"));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn every_dependency_has_its_reason_in_the_architecture() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let reasons = text.split_once("\n## Dependencies\n").map_or("", |(_, after)| after);
    let reasons = reasons.split("\n## ").next().unwrap_or_default();
    let workspace = manifest("Cargo.toml");
    let dependencies = workspace["workspace"]["dependencies"].as_table().unwrap();
    let third_party = dependencies.iter().filter(|(_, value)| value.get("path").is_none()).map(|(name, _)| name);
    let missing = third_party.filter(|name| !reasons.contains(&format!("`{name}`")));
    assert_none(
        &missing.map(|name| format!("ARCHITECTURE.md, Dependencies: no reason for `{name}`")).collect::<Vec<_>>(),
    );
    assert!(dependencies.len() > 10 && packages().len() > 7, "the manifests were not read");
}

/// The manifests of all packages.
fn packages() -> Vec<String> {
    let mut paths: Vec<String> = (files_below(&root(), "toml").into_iter())
        .filter(|path| path.ends_with("/Cargo.toml") && !path.starts_with("fantasm-spec/fuzz"))
        .collect();
    paths.sort();
    paths
}

fn manifest(path: &str) -> Table {
    fs::read_to_string(root().join(path)).unwrap().parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn dependencies(manifest: &Table, sections: &[&str]) -> Vec<(String, Value)> {
    let tables = sections.iter().filter_map(|section| manifest.get(*section)?.as_table());
    tables.flat_map(|table| table.iter().map(|(name, value)| (name.clone(), value.clone()))).collect()
}
