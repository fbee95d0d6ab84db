//! Every file whose verdict by Fantasm (Python) is known, judged by us.

#[path = "support/expect.rs"]
mod expect;

use std::collections::BTreeMap;
use std::path::Path;

use expect::expect;

use fantasm_spec::{Files, Levels, ReadError, Report, Severity, load_with, outline};
use serde_json::{Value, json};

/// One case a line: a file, those beside it, and what the original said and made of it.
const CASES: &str = include_str!("conformance/cases.jsonl");

/// The cases that we knowingly judge otherwise; the reasons stand in `docs/differences.md`.
const DIFFERENCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/differences.txt");

#[test]
#[expect(clippy::print_stdout, reason = "the counts are what one runs this test for")]
fn every_verdict_is_that_of_the_original_or_a_listed_difference() {
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let mut differences = String::new();
    for line in CASES.lines() {
        let case = Case::read(line);
        let difference = case.difference();
        counts.entry(case.kind.clone()).or_default()[usize::from(difference.is_some())] += 1;
        if let Some(difference) = difference {
            assert_eq!(case.kind, "quirk", "{}: {difference}", case.id);
            differences.push_str(&format!("{}: {difference}\n", case.id));
        }
    }
    for (kind, [same, different]) in &counts {
        println!("{kind}: {same} as the original, {different} knowingly different");
    }
    assert_eq!(counts.values().flatten().sum::<usize>(), 690);
    expect(Path::new(DIFFERENCES), &differences);
}

/// The original pickles dates, and its outline has no other word for them.
fn pickled(mut machines: Value) -> Value {
    let types =
        machines.as_array_mut().into_iter().flatten().filter_map(|machine| machine["context_types"].as_object_mut());
    for ty in types.flat_map(|types| types.values_mut()).filter(|ty| *ty == "datetime" || *ty == "date") {
        *ty = json!("pickle");
    }
    machines
}

struct Case {
    id: String,
    kind: String,
    files: BTreeMap<String, String>,
    expect: Value,
}

impl Files for Case {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.files.get(path).map(|text| text.clone().into_bytes()).ok_or(ReadError::NotFound)
    }
}

impl Case {
    fn read(line: &str) -> Self {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let beside = case["files"].as_object().into_iter().flatten();
        let mut files: BTreeMap<String, String> = beside.map(|(path, yaml)| (path.clone(), text(yaml))).collect();
        files.insert("main.yaml".to_owned(), text(&case["yaml"]));
        Self { id: text(&case["id"]), kind: text(&case["kind"]), files, expect: case["expect"].clone() }
    }

    /// How our verdict differs, if it does.
    fn difference(&self) -> Option<String> {
        match (load_with("main.yaml", self, &Levels::language()), self.expect["ok"] == json!(true)) {
            (Ok(loaded), true) => {
                let text = serde_json::to_string(&outline(&loaded.spec)).expect("outlines are plain data");
                let ours = json!({
                    "root_url": loaded.spec.root_url,
                    "machines": pickled(serde_json::from_str(&text).expect("JSON")),
                });
                let theirs = json!({"root_url": self.expect["root_url"], "machines": self.expect["machines"]});
                (ours != theirs).then(|| first_difference(&ours, &theirs, ""))
            }
            (Err(report), false) => {
                let codes = codes(&report);
                // The original stops at its first error, we go on: its code must be among ours.
                let is_same = self.expect["code"].as_str().is_none_or(|code| codes.contains(&code.to_owned()));
                (!is_same).then(|| format!("{} instead of {}", codes.join(", "), self.expect["code"]))
            }
            (Ok(_), false) => Some(format!("accepted instead of {}", self.expect["code"])),
            (Err(report), true) => Some(format!("refused: {}", codes(&report).join(", "))),
        }
    }
}

fn codes(report: &Report) -> Vec<String> {
    let errors = report.diagnostics().iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| diagnostic.code.to_string()).collect()
}

fn first_difference(ours: &Value, theirs: &Value, path: &str) -> String {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            let differing = a.keys().find(|key| a[*key] != b[*key]).expect("the values differ");
            first_difference(&a[differing], &b[differing], &format!("{path}.{differing}"))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let at = a.iter().zip(b).position(|(a, b)| a != b).expect("the values differ");
            first_difference(&a[at], &b[at], &format!("{path}[{at}]"))
        }
        _ => format!("{path} is {ours} instead of {theirs}"),
    }
}
