//! The guide's table of behaviours: it is whole, it gives its reasons, and what it names are tests that run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// How many behaviours each section of the table has.
const SECTIONS: [(u32, u32); 16] = [
    (1, 57),
    (2, 16),
    (3, 18),
    (4, 16),
    (5, 4),
    (6, 8),
    (7, 16),
    (8, 5),
    (9, 3),
    (10, 21),
    (11, 4),
    (12, 4),
    (13, 1),
    (14, 8),
    (15, 9),
    (16, 1),
];

/// What may be said of a behaviour, and whether a test must show it; where none need, the row may say why there is none.
const VERDICTS: [(&str, bool); 4] = [("same", true), ("differs: ", true), ("not yet: ", false), ("not here: ", false)];

/// A behaviour of Fantasm (Python), and ours.
#[derive(Debug, PartialEq)]
struct Row {
    number: (u32, u32),
    verdict: String,
    /// The area and the name of each.
    tests: Vec<(String, String)>,
    /// Why there can be no test.
    why_none: Option<String>,
}

#[test]
fn the_table_is_whole() {
    let numbers: Vec<_> = rows(&table()).iter().map(|row| row.number).collect();
    let expected = SECTIONS.into_iter().flat_map(|(section, n)| (1..=n).map(move |row| (section, row)));
    assert_eq!(numbers, expected.collect::<Vec<_>>());
}

#[test]
fn the_tests_that_the_table_names_exist() {
    let mut sources = Sources::default();
    let findings: Vec<_> = rows(&table()).iter().flat_map(|row| findings(row, &mut sources)).collect();
    assert!(findings.is_empty(), "{} against the table:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn what_is_wrong_with_a_row_is_found() {
    let good = "| 7.1 | x | same, and more | `originals::what_is_wrong_with_a_row_is_found` `ui::wrong_event` |\n";
    let table = [
        (good.to_owned(), 0),
        (good.replace("originals", "engine"), 1),
        (good.replace("row", "table"), 1),
        (good.replace("wrong_event", "no_such_case"), 1),
        (good.replace("originals", "nowhere"), 1),
        (good.replace("same", "sameish"), 1),
        (good.replace("same, and more", "differs: so"), 1),
        (good.replace("same, and more", "differs: so, because of that"), 0),
        (good.replace("what_is_wrong_with_a_row_is_found", "findings"), 1),
        (good.replace("ui::wrong_event", "verdicts::queue-001"), 0),
        (good.replace("ui::wrong_event", "verdicts::queue"), 1),
        (good.replace("ui::wrong_event", "verdicts::que"), 1),
        (good.replace("ui::wrong_event", "cases::no-such-code"), 1),
        ("| 7.1 | x | differs: so, because of that | |\n".to_owned(), 1),
        ("| 7.1 | x | differs: so, because of that | none: it is late |\n".to_owned(), 1),
        ("| 7.1 | x | not yet: wait | |\n".to_owned(), 1),
        ("| 7.1 | x | not yet: wait | none: there is nothing to call |\n".to_owned(), 0),
    ];
    for (text, n_findings) in table {
        let rows = rows(&text);
        let found: Vec<_> = rows.iter().flat_map(|row| findings(row, &mut Sources::default())).collect();
        assert_eq!((rows.len(), found.len()), (1, n_findings), "in {text}: {found:?}");
    }
}

#[test]
fn only_what_runs_is_a_test() {
    let text = "
        #[test]
        fn one() {}
        #[tokio::test(start_paused = true)]
        #[expect(unused, reason = \"it is an example\")]
        async fn two() {}
        fn helper() {}
        #[test]
        #[ignore = \"slow\"]
        fn ignored() {}
        fn after_it() {}
        on_every_store! {
            three
        }
        async fn three(world: World) {
            helper
        }
        async fn left_out(world: World) {}
    ";
    assert_eq!(tests_of(text), ["one", "three", "two"].map(str::to_owned).into());
}

fn findings(row: &Row, sources: &mut Sources) -> Vec<String> {
    let place = format!("{}.{}", row.number.0, row.number.1);
    let verdict = VERDICTS.into_iter().find(|(word, _)| match row.verdict.strip_prefix(word) {
        Some(rest) => word.ends_with(' ') || rest.is_empty() || rest.starts_with([',', ':']),
        None => false,
    });
    let Some((word, is_shown)) = verdict else { return vec![format!("{place}: `{}` is no verdict", row.verdict)] };
    let missing = row.tests.iter().filter(|(area, name)| !sources.has(area, name));
    let mut findings: Vec<_> = missing.map(|(area, name)| format!("{place}: there is no `{area}::{name}`")).collect();
    if row.tests.is_empty() && (is_shown || row.why_none.is_none()) {
        findings.push(format!("{place}: no test shows it"));
    }
    if word == "differs: " && !row.verdict.contains(" because ") {
        findings.push(format!("{place}: it does not say why it differs"));
    }
    let judged = row.tests.iter().filter(|(area, _)| area == "verdicts");
    if word == "same" && judged.flat_map(|(_, name)| verdicts(name)).any(|is_different| is_different) {
        findings.push(format!("{place}: files of it are knowingly judged otherwise"));
    }
    findings
}

/// The tests of each area, as far as they were asked for.
#[derive(Default)]
struct Sources(BTreeMap<String, BTreeSet<String>>);

impl Sources {
    fn has(&mut self, area: &str, test: &str) -> bool {
        match area {
            "verdicts" => return !verdicts(test).is_empty(),
            "cases" => return root().join("fantasm-spec/tests/cases").join(test).is_dir(),
            "ui" if root().join("tests/ui").join(test).join("fsm.yaml").is_file() => return true,
            _ => {}
        }
        let folder = match area {
            "store" => root().join("fantasm/src/store/conformance"),
            "fantasm" => root().join("fantasm/src"),
            "spec" => root().join("fantasm-spec/tests"),
            area => root().join("tests").join(area),
        };
        self.0.entry(area.to_owned()).or_insert_with(|| tests_of(&text_below(&folder))).contains(test)
    }
}

/// Whether ours is knowingly another, for each file of that name or group whose verdict by Fantasm (Python) is known.
fn verdicts(name: &str) -> Vec<bool> {
    let folder = root().join("fantasm-spec/tests/conformance");
    let cases = fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let differences = fs::read_to_string(folder.join("differences.txt")).unwrap();
    let ids = cases.lines().filter_map(|case| case.split_once("\"id\": \"")?.1.split('"').next());
    let ids = ids.filter(|id| *id == name || id.rsplit_once('-').is_some_and(|(group, _)| group == name));
    ids.map(|id| differences.lines().any(|line| line.starts_with(&format!("{id}: ")))).collect()
}

/// The functions that are marked as tests and not ignored, and the cases that a list makes tests of.
fn tests_of(text: &str) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    let (mut is_marked, mut is_ignored, mut is_listed) = (false, false, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            is_ignored |= line.starts_with("#[ignore");
        } else if let Some((_, function)) = line.split_once("fn ") {
            if is_marked && !is_ignored {
                tests.extend(function.split('(').next().map(str::to_owned));
            }
            (is_marked, is_ignored, is_listed) = (false, false, false);
        } else if line.starts_with("on_every_store! {") || line.ends_with("! { @each $make =>") {
            is_listed = true;
        } else if is_listed && !line.is_empty() && line.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            tests.insert(line.to_owned());
        }
    }
    tests
}

fn text_below(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else { return String::new() };
    let text = entries.map(|entry| entry.unwrap().path()).map(|path| match path.extension() {
        Some(extension) if extension == "rs" => fs::read_to_string(path).unwrap(),
        _ => text_below(&path),
    });
    text.collect()
}

fn rows(markdown: &str) -> Vec<Row> {
    markdown.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let [number, _, verdict, tests] = cells.as_slice() else { return None };
    let (section, row) = number.split_once('.')?;
    let why_none = tests.strip_prefix("none: ").map(str::to_owned);
    let tests = tests.split('`').skip(1).step_by(2).filter_map(|test| test.split_once("::"));
    Some(Row {
        number: (section.parse().ok()?, row.parse().ok()?),
        verdict: (*verdict).to_owned(),
        tests: tests.map(|(area, name)| (area.to_owned(), name.to_owned())).collect(),
        why_none,
    })
}

fn table() -> String {
    fs::read_to_string(root().join("fantasm/docs/behaviours.md")).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
