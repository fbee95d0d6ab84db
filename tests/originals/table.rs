//! The guide's table of behaviours: it is whole, it is honest about what it leaves out, and the tests that it names exist.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// How many behaviours each section of the table has.
const SECTIONS: [(u32, u32); 15] = [
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

/// What may be said of a behaviour, and whether a test must show it.
const VERDICTS: [(&str, bool); 4] = [("same", true), ("differs: ", true), ("not yet: ", false), ("not here: ", false)];

/// A behaviour of Fantasm (Python), and ours.
#[derive(Debug, PartialEq)]
struct Row {
    number: (u32, u32),
    verdict: String,
    /// The area and the name of each.
    tests: Vec<(String, String)>,
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
        ("| 7.1 | x | differs: so | |\n".to_owned(), 1),
        ("| 7.1 | x | not yet: wait | |\n".to_owned(), 0),
    ];
    for (text, n_findings) in table {
        let rows = rows(&text);
        let found: Vec<_> = rows.iter().flat_map(|row| findings(row, &mut Sources::default())).collect();
        assert_eq!((rows.len(), found.len()), (1, n_findings), "in {text}: {found:?}");
    }
}

fn findings(row: &Row, sources: &mut Sources) -> Vec<String> {
    let place = format!("{}.{}", row.number.0, row.number.1);
    let verdict = VERDICTS.into_iter().find(|(word, _)| match row.verdict.strip_prefix(word) {
        Some(rest) => word.ends_with(' ') || rest.is_empty() || rest.starts_with([',', ':']),
        None => false,
    });
    let Some((_, is_shown)) = verdict else { return vec![format!("{place}: `{}` is no verdict", row.verdict)] };
    let missing = row.tests.iter().filter(|(area, name)| !sources.has(area, name));
    let mut findings: Vec<_> = missing.map(|(area, name)| format!("{place}: there is no `{area}::{name}`")).collect();
    if is_shown && row.tests.is_empty() {
        findings.push(format!("{place}: no test shows it"));
    }
    findings
}

/// The text of each area's sources, as far as it was asked for.
#[derive(Default)]
struct Sources(BTreeMap<String, String>);

impl Sources {
    fn has(&mut self, area: &str, test: &str) -> bool {
        if area == "ui" {
            return root().join("tests/ui").join(test).join("fsm.yaml").is_file();
        }
        let folder = match area {
            "store" => root().join("fantasm/src/store/conformance"),
            "fantasm" => root().join("fantasm/src"),
            area => root().join("tests").join(area),
        };
        let text = self.0.entry(area.to_owned()).or_insert_with(|| text_below(&folder));
        text.contains(&format!("fn {test}("))
    }
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
    let tests = tests.split('`').skip(1).step_by(2).filter_map(|test| test.split_once("::"));
    Some(Row {
        number: (section.parse().ok()?, row.parse().ok()?),
        verdict: (*verdict).to_owned(),
        tests: tests.map(|(area, name)| (area.to_owned(), name.to_owned())).collect(),
    })
}

fn table() -> String {
    fs::read_to_string(root().join("fantasm/docs/behaviours.md")).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
