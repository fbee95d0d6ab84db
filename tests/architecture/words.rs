//! One word per thing, and names that say something.

use crate::{assert_none, source};

/// Names under which anything could stand.
const EMPTY_NAMES: [&str; 10] =
    ["util", "utils", "common", "types", "models", "helper", "helpers", "misc", "manager", "handlers"];

/// Words of other tools for things that have a word here, and words that say nothing; the glossary has ours.
const FORBIDDEN_WORDS: [(&str, &str); 20] = [
    ("job", "Task"),
    ("workflow", "Machine"),
    ("activity", "Action"),
    ("handler", "Action"),
    ("callback", "Action"),
    ("payload", "Context"),
    ("invocation", "Instance"),
    ("journal", "History"),
    ("checkpoint", "Step"),
    ("topic", "Queue"),
    ("dequeue", "Claim"),
    ("enqueue", "Start"),
    ("cursor", "ContinuationToken"),
    ("backend", "Store"),
    ("driver", "Store"),
    ("dao", "Store"),
    ("repository", "Store"),
    ("executor", "Worker"),
    ("consumer", "Worker"),
    ("manager", "a word for what it does"),
];

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let paths = source::all().iter().map(|source| source.path.clone());
    assert_none(&paths.filter(|path| says_nothing(path)).collect::<Vec<_>>());
    assert!(says_nothing("fantasm/src/utils.rs") && says_nothing("tests/common/mod.rs"));
    assert!(!says_nothing("fantasm/src/clock.rs"));
}

#[test]
fn public_items_are_named_by_the_glossary() {
    let libraries = ["fantasm/src", "fantasm-spec/src", "fantasm-build/src", "fantasm-macros/src"];
    let mut findings = Vec::new();
    for source in source::all().iter().filter(|source| source.is_below(&libraries)) {
        for item in source.items.iter().filter(|item| item.is_public) {
            if let Some((word, ours)) = forbidden_word(&item.name) {
                let place = format!("{}:{}", source.path, item.line);
                findings.push(format!("{place}: `{}` says `{word}`; the glossary's word is {ours}", item.name));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn words_are_found_in_names_of_both_cases() {
    for name in ["JobStore", "run_job", "TASK_HANDLER", "SqliteBackend", "ActivityError"] {
        assert!(forbidden_word(name).is_some(), "{name}");
    }
    for name in ["Jobless", "adjobn", "Context", "TaskKey"] {
        assert!(forbidden_word(name).is_none(), "{name}");
    }
    let source = source::Source::parse("x.rs", "pub struct A; pub(crate) fn b() {} pub const fn c() {} enum D {}");
    let public = source.items.iter().filter(|item| item.is_public).map(|item| item.name.as_str());
    assert_eq!(public.collect::<Vec<_>>(), ["A", "c"]);
}

fn says_nothing(path: &str) -> bool {
    path.split('/').any(|part| EMPTY_NAMES.contains(&part.trim_end_matches(".rs")))
}

fn forbidden_word(name: &str) -> Option<(&'static str, &'static str)> {
    let words = words(name);
    FORBIDDEN_WORDS.into_iter().find(|(word, _)| words.iter().any(|found| found == word))
}

/// `SendEmail` and `send_email` as `send`, `email`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lowercase = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && was_lowercase) {
            words.push(String::new());
        }
        was_lowercase = c.is_lowercase();
        if c != '_' {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
    }
    words
}
