//! Files that nobody would write: damaged ones, and ones put together by chance.
//!
//! `FANTASM_FUZZ_ROUNDS` says how many of each are tried, `FANTASM_FUZZ_SEED` where to start. A failure prints its seed and the file.

#[path = "support/judge.rs"]
mod judge;

use std::fmt::Write;
use std::panic;
use std::path::Path;

use judge::judge;

#[test]
fn damaged_files_are_told_and_never_panic() {
    let corpus = corpus();
    rounds(|random| damaged(&corpus, random));
}

#[test]
fn files_put_together_by_chance_are_told_or_printed_and_read_again() {
    rounds(|random| chance::file(random).into_bytes());
}

/// Judges what `make` makes, over and over.
fn rounds(make: impl Fn(&mut fastrand::Rng) -> Vec<u8>) {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let first: u64 = number("FANTASM_FUZZ_SEED", 1);
    let mut n_usable = 0;
    for seed in first..first + number("FANTASM_FUZZ_ROUNDS", 400) {
        let bytes = make(&mut fastrand::Rng::with_seed(seed));
        let result = panic::catch_unwind(|| judge(&bytes));
        match result {
            Ok(is_usable) => n_usable += usize::from(is_usable),
            Err(_) => panic!("seed {seed}:\n{}", String::from_utf8_lossy(&bytes)),
        }
    }
    assert!(n_usable > 0, "every file was refused, so nothing was tested");
}

/// The files of all cases, and those of the original's verdicts.
fn corpus() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("a folder of cases").flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push(std::fs::read(path).expect("a case is readable"));
            }
        }
    }
    for line in include_str!("conformance/cases.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case is JSON");
        files.push(case["yaml"].as_str().expect("a file").into());
    }
    files.sort();
    files
}

/// A file of the corpus, with pieces cut out, doubled, exchanged, or put in from another.
fn damaged(corpus: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    const PIECES: [&str; 18] = [
        "\t", ":", "- ", "[", "]", "{", "}", "'", "\"", "&a ", "*a", "!!int ", "<<: ", "\u{0}", "\u{feff}", "é", "|\n",
        "? ",
    ];
    let mut bytes = random.choice(corpus).expect("there are files").clone();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(0..=bytes.len());
        let end = (at + random.usize(0..30)).min(bytes.len());
        let piece: Vec<u8> = match random.u8(0..5) {
            0 => Vec::new(),
            1 => bytes[at..end].repeat(2),
            2 => random.choice(PIECES).expect("there are pieces").into(),
            3 => vec![random.u8(..)],
            _ => {
                let other = random.choice(corpus).expect("there are files");
                let from = random.usize(0..=other.len());
                other[from..(from + 40).min(other.len())].to_vec()
            }
        };
        bytes.splice(at..end, piece);
    }
    bytes
}

/// Files of the right shape, whose attributes and values are drawn.
mod chance {
    use super::Write;

    const NAMES: [&str; 10] = ["a", "B", "per-account", "'404'", "Send", "send", "x--y", "-", "Type", "self"];
    const PATHS: [&str; 8] = ["a.b", "c", "::d::e", "mod::fn", "json", "a-b", "''", "~"];
    const NUMBERS: [&str; 10] = ["0", "1", "5", "-1", "-7", "'3'", "2.9", "1:30", "010", "99999999999"];
    const TEXTS: [&str; 6] = ["mail", "''", "\"a\\nb\"", "é", "~", "'say \"hi\": #1'"];
    const TRUTHS: [&str; 5] = ["true", "no", "On", "~", "0"];

    pub(super) fn file(random: &mut fastrand::Rng) -> String {
        let mut text = String::new();
        some(&mut text, random, 0, "edition", &["2"], 0.7);
        some(&mut text, random, 0, "root_url", &["/jobs", "x/"], 0.2);
        some(&mut text, random, 0, "queues", &["[{name: mail, rate: 5/m, target: big}]", "[]"], 0.2);
        text.push_str("state_machines:\n");
        for number in 0..random.usize(1..3) {
            machine(&mut text, random, number);
        }
        text
    }

    fn machine(text: &mut String, random: &mut fastrand::Rng, number: usize) {
        line(text, 0, &format!("- name: M{number}"));
        for (key, values) in [("description", TEXTS), ("doc", TEXTS), ("target", TEXTS), ("queue", TEXTS)] {
            some(text, random, 2, key, &values, 0.1);
        }
        some(text, random, 2, "namespace", &PATHS, 0.3);
        some(text, random, 2, "schedule", &["'*/5 * * * *'", "'0 0 1 jan mon'"], 0.1);
        some(text, random, 2, "countdown", &["3", "{minimum: 1, maximum: 2}", "soon"], 0.2);
        some(text, random, 2, "logging", &["persistent", "default"], 0.2);
        some(text, random, 2, "log_level", &["debug", "warning", "loud"], 0.1);
        some(text, random, 2, "context_types", &["{a: int, b: [date], c: my.Type}", "{k: pickle}", "{}"], 0.3);
        retry(text, random, 2);
        line(text, 2, "states:");
        let n_states = random.usize(1..6);
        for state_number in 0..n_states {
            state(text, random, state_number, n_states);
        }
    }

    fn state(text: &mut String, random: &mut fastrand::Rng, number: usize, n_states: usize) {
        let name = if random.f32() < 0.95 { format!("s{number}") } else { pick(random, &NAMES).to_owned() };
        line(text, 2, &format!("- name: {name}"));
        line(text, 4, &format!("initial: {}", number == 0));
        line(text, 4, &format!("final: {}", number + 1 == n_states || random.bool()));
        line(text, 4, "action: act.do_it");
        for (key, values) in [("description", TEXTS), ("doc", TEXTS), ("fan_in_group", TEXTS)] {
            some(text, random, 4, key, &values, 0.05);
        }
        for key in ["entry", "exit", "namespace"] {
            some(text, random, 4, key, &PATHS, 0.1);
        }
        for key in ["continuation", "side_effects", "retry_from"] {
            some(text, random, 4, key, &TRUTHS, 0.1);
        }
        for key in ["continuation_countdown", "timeout_seconds", "priority"] {
            some(text, random, 4, key, &NUMBERS, 0.05);
        }
        some(text, random, 4, "fan_in", &["2", "all", "{seconds: 1, max: 9}", "{seconds: 0}", "-1"], 0.15);
        some(text, random, 4, "renamed_from", &["s1", "Old", "[Old, Older]", "[]", "[1, old]"], 0.03);
        some(text, random, 4, "on_failure", &["s0", "s1", "s9"], 0.05);
        line(text, 4, "transitions:");
        for event in 0..random.usize(1..3) {
            let constant = if random.f32() < 0.1 { "consts::" } else { "" };
            line(text, 4, &format!("- event: {constant}E{event}"));
            line(text, 6, &format!("to: s{}", random.usize(0..n_states)));
            some(text, random, 6, "description", &TEXTS, 0.05);
            some(text, random, 6, "renamed_from", &["E1", "Old", "[Old, Older]", "[]"], 0.03);
            some(text, random, 6, "queue", &TEXTS, 0.1);
            some(text, random, 6, "target", &TEXTS, 0.1);
            some(text, random, 6, "action", &PATHS, 0.05);
            some(text, random, 6, "countdown", &NUMBERS, 0.1);
            retry(text, random, 6);
        }
    }

    fn retry(text: &mut String, random: &mut fastrand::Rng, depth: usize) {
        for key in ["task_retry_limit", "min_backoff_seconds", "max_backoff_seconds", "task_age_limit", "max_doublings"]
        {
            some(text, random, depth, key, &NUMBERS, 0.05);
        }
    }

    /// Adds an attribute, now and then.
    fn some(text: &mut String, random: &mut fastrand::Rng, depth: usize, key: &str, values: &[&str], chance: f32) {
        if random.f32() < chance {
            let value = pick(random, values);
            line(text, depth, &format!("{key}: {value}"));
        }
    }

    fn pick<'a>(random: &mut fastrand::Rng, values: &[&'a str]) -> &'a str {
        random.choice(values).copied().expect("there are values")
    }

    fn line(text: &mut String, depth: usize, line: &str) {
        writeln!(text, "{:depth$}{line}", "").expect("a text takes all that is written");
    }
}
