//! Limits of every file: its size, and what nobody may leave in it.

use crate::{
    assert_none,
    source::{self, Name, Source},
};

/// A file that is longer has more than one idea in it.
const MAX_LINES: usize = 600;

/// The lines of a file that are wrong.
type Find = fn(&Source) -> Vec<usize>;

/// What may be wrong with a file by itself, with the reason.
const LIMITS: &[(&str, Find)] = &[
    ("has more than 600 lines: split it by its ideas", |source| {
        (source.n_lines > MAX_LINES).then_some(source.n_lines).into_iter().collect()
    }),
    ("leaves something to be done: do it, or leave it out", |source| {
        names(source, |name| name.is_macro && ends_in(name, &["todo", "unimplemented"]))
    }),
    ("ignores a test: a test that nobody runs proves nothing", |source| {
        attributes(source, |text| text == "ignore" || text.starts_with("ignore ="))
    }),
    ("sleeps in a test: wait for the event itself, or move the clock", |source| {
        names(source, |name| name.is_test && ends_in(name, &["sleep", "sleep_until", "sleep_ms"]))
    }),
    ("silences a lint without a reason: say why it does not apply", |source| {
        attributes(source, |text| silences(text) && !text.contains("reason ="))
    }),
];

#[test]
fn every_file_keeps_the_limits() {
    let findings: Vec<String> = source::all().iter().flat_map(findings).collect();
    assert_none(&findings);
}

#[test]
fn every_limit_finds_what_it_is_about() {
    let long = "\n".repeat(MAX_LINES) + "fn f() {}";
    let samples: [(&str, usize); 9] = [
        (&long, 1),
        ("fn f() { todo!() } fn g() { std::unimplemented!(\"later\") }", 2),
        ("#[test] #[ignore] fn f() {} #[test] #[ignore = \"slow\"] fn g() {}", 2),
        ("fn f() { std::thread::sleep(x); tokio::time::sleep(x); }", 2),
        ("use tokio::time::sleep_until;", 1),
        ("#[allow(dead_code)] fn f() {} #![expect(unused)]", 2),
        ("#[cfg_attr(test, allow(dead_code))] fn f() {}", 1),
        ("#[allow(dead_code, reason = \"why\")] fn f() {} #[cfg(feature = \"ignore\")] fn g() {}", 0),
        ("fn todo() {} fn f() { todo(); x.unwrap(); } // sleep(1), todo!()", 0),
    ];
    for (sample, n_findings) in samples {
        let found = findings(&Source::parse("tests/sample/main.rs", sample));
        assert_eq!(found.len(), n_findings, "in `{}`: {found:?}", sample.trim());
    }
}

#[test]
fn code_that_is_no_test_may_wait() {
    assert_none(&findings(&Source::parse("fantasm/src/sample.rs", "async fn f() { tokio::time::sleep(x).await }")));
}

fn findings(source: &Source) -> Vec<String> {
    let lines = LIMITS.iter().flat_map(|(what, find)| find(source).into_iter().map(move |line| (what, line)));
    lines.map(|(what, line)| format!("{}:{line}: {what}", source.path)).collect()
}

fn names(source: &Source, is_wrong: impl Fn(&Name) -> bool) -> Vec<usize> {
    source.names.iter().filter(|name| is_wrong(name)).map(|name| name.line).collect()
}

fn attributes(source: &Source, is_wrong: impl Fn(&str) -> bool) -> Vec<usize> {
    let wrong = source.attributes.iter().filter(|attribute| is_wrong(&attribute.text));
    wrong.map(|attribute| attribute.line).collect()
}

fn ends_in(name: &Name, words: &[&str]) -> bool {
    name.segments.last().is_some_and(|last| words.contains(&last.as_str()))
}

fn silences(attribute: &str) -> bool {
    let attribute = attribute.replace(' ', "");
    ["allow(", "expect("].iter().any(|lint| attribute.starts_with(lint) || attribute.contains(&format!(",{lint}")))
}
