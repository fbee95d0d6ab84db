//! The types of values in what is salvaged of a file with errors: code that is right may not be told errors besides.

use fantasm_spec::{ContextType, Files, ReadError, Spec, load_str, salvage};

const FILE: &str = "\
edition: 2
state_machines:
- name: Import
  context_types:
    rows: int
    other: str
  states:
  - name: Load
    initial: True
    final: True
    action: load
    transitions:
    - event: again
      to: Load
    - event: loaded
      to: Note
  - name: Note
    final: True
    fan_in: 2
    action: note
";

/// The types of today, of which no one is the type of before.
const TYPES: [&str; 11] = [
    "str",
    "float",
    "json",
    "date",
    "[int]",
    "[str?]",
    "int?",
    "{type: int, optional: true, default: 7}",
    "{type: [int], default: [7]}",
    "::models.Money",
    "\n      type: bool\n      default: true",
];

/// Mistakes in other places of the file.
const MISTAKES: [(&str, &str); 47] = [
    ("to: Note", "to: Noet"),
    ("to: Note", "to: Nowhere"),
    ("to: Note", "to: [Note"),
    ("to: Note", "to: 'Note"),
    ("to: Note", "to:Note"),
    ("transitions:", "transitons:"),
    ("fan_in: 2", "fan_in: soon"),
    ("fan_in: 2", "fan_in: 2\n   final: [True"),
    ("other: str", "other: 7"),
    ("other: str", "other: srt"),
    ("other: str", "other: '[str]'"),
    ("other: str", "other: [str"),
    ("other: str", "other: [str]?"),
    ("other: str", "other: {type: str"),
    ("other: str", "other str"),
    ("other: str", "\tother: str"),
    ("other: str", "   other: str"),
    ("other: str", "a b: str"),
    ("context_types:", "context_type:"),
    ("context_types:", "context:"),
    ("context_types:", "fields:"),
    ("context_types:", "context_types"),
    ("    initial: True\n", ""),
    ("name: Import", "nmae: Import"),
    ("name: Import", "name: Imp ort"),
    ("name: Import\n  ", ""),
    ("- name: Import", "- name: Import\n- name: Import"),
    ("- name: Import", "- name: Import\n  on_finish: Nope"),
    ("- name: Import", "- name: Import\n  starts_with: [nope]"),
    ("- name: Import", "- name: Import\n  unknown_keys: no"),
    ("- name: Note", "- name: Load"),
    ("- event: again", "- event: \"again"),
    ("- event: loaded", "- evnet: loaded"),
    ("    - event: loaded", "    event: loaded"),
    ("    - event: loaded", "   - event: loaded"),
    ("  states:", "\tstates:"),
    ("  states:", "states:"),
    ("  states:", "   states:"),
    ("  states:", "  state:"),
    ("state_machines:", "machines:"),
    ("state_machines:", "state_machines"),
    ("state_machines:\n", "state_machines:\n- import: nope.yaml\n"),
    ("edition: 2", "edition: 3"),
    ("edition: 2", "edition 2"),
    ("action: load", "action: lo-ad"),
    ("action: load", "action load"),
    ("action: load", "action: load()"),
];

/// Types that are wrong, and what is clearly meant.
const MEANT: [(&str, &str); 34] = [
    ("\"[int]\"", "[int]"),
    ("'[itn]'", "[int]"),
    ("'{type: [int], default: [7]}'", "[int]"),
    ("{type: '[int]'}", "[int]"),
    ("[int", "[int]"),
    ("[int]?", "{type: [int], optional: true}"),
    ("'[int]?'", "{type: [int], optional: true}"),
    ("{int}", "int"),
    ("{typ: int}", "int"),
    ("itn", "int"),
    ("[itn]", "[int]"),
    ("Str", "str"),
    ("Int", "int"),
    ("list[int]", "[int]"),
    ("List<Int>", "[int]"),
    ("Vec<String>", "[str]"),
    ("std::collections::HashSet<i64>", "[int]"),
    ("int[]", "[int]"),
    ("list of int", "[int]"),
    ("Vec<my.Money>", "[my.Money]"),
    ("Optional[int]", "int?"),
    ("int | None", "int?"),
    ("null or str", "str?"),
    ("Optional[list[int]]", "{type: [int], optional: true}"),
    ("list[str] | None", "{type: [str], optional: true}"),
    ("HashMap<String, i64>", "json"),
    ("dict[str, int]", "json"),
    ("(int)", "int"),
    ("int;", "int"),
    ("int]", "[int]"),
    ("any", "json"),
    ("u128", "int"),
    ("char", "str"),
    ("crate::my::Money", "my.Money"),
];

/// Types of which nobody can say what is meant.
const UNCLEAR: [&str; 9] = ["7", "~", "''", "[]", "[int, str]", "list", "a b", "my.", "{optional: true}"];

struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "fsm.yaml" { Ok(self.0.into()) } else { Err(ReadError::NotFound) }
    }
}

fn with_type(ty: &str) -> String {
    FILE.replace("rows: int", &format!("rows: {ty}"))
}

/// What is salvaged, beside the names of a file that was good.
fn salvaged(today: &str, before: &str) -> Spec {
    assert!(load_str("fsm.yaml", today).is_err(), "it has a mistake: {today}");
    let mut spec = salvage("fsm.yaml", &OneFile(today));
    spec.add_names(salvage("fsm.yaml", &OneFile(before)));
    spec
}

/// The type of the value `rows`, without its place.
fn type_of_rows(spec: &Spec) -> Option<String> {
    fn word(ty: &ContextType) -> String {
        match ty {
            ContextType::List(item) => format!("[{}]", word(item)),
            ContextType::Optional(item) => format!("{}?", word(item)),
            ContextType::Path(path) => path.to_string(),
            other => format!("{other:?}"),
        }
    }
    let fields = &spec.machine("Import")?.context_types;
    fields.iter().find(|field| field.name.as_str() == "rows").map(|field| word(&field.ty))
}

fn type_in(good: &str) -> Option<String> {
    type_of_rows(&load_str("fsm.yaml", good).expect("the file is good").spec)
}

#[test]
fn a_type_is_that_of_today_whatever_is_wrong_elsewhere() {
    for ty in TYPES {
        let good = with_type(ty);
        for (old, new) in MISTAKES {
            let rows = type_of_rows(&salvaged(&good.replacen(old, new, 1), FILE));
            assert_eq!(rows, type_in(&good), "`{new}` for `{old}`, {ty}");
        }
    }
}

#[test]
fn an_event_of_today_is_there_whatever_is_wrong_with_the_names() {
    let more = FILE.replace("    - event: loaded", "    - event: skipped\n      to: Note\n    - event: loaded");
    for (old, new) in
        [("- name: Load", "- name: Lo ad"), ("name: Import", "name: Imp ort"), ("- name: Load", "- name: '404'")]
    {
        let spec = salvaged(&more.replace(old, new).replace("fan_in: 2", "fan_in: soon"), FILE);
        let state = spec.machine("Import").and_then(|machine| machine.state("Load")).expect("code may name it");
        let has = |name: &str| state.transitions.iter().any(|transition| transition.event.as_str() == name);
        assert!(has("skipped") && has("loaded"), "`{new}` for `{old}`");
    }
}

#[test]
fn a_type_that_is_clearly_meant_is_taken_and_is_one_error() {
    for (ty, meant) in MEANT {
        let wrong = with_type(ty);
        assert_eq!(type_of_rows(&salvaged(&wrong, &with_type("date"))), type_in(&with_type(meant)), "{ty}");
        let report = load_str("fsm.yaml", &wrong).map(|_| ty).expect_err("it is wrong");
        assert_eq!(report.diagnostics().len(), 1, "{ty}: {}", report.render());
    }
}

#[test]
fn a_type_that_nobody_can_guess_is_that_of_before() {
    for ty in UNCLEAR {
        for before in ["date", "[int]"] {
            let rows = type_of_rows(&salvaged(&with_type(ty), &with_type(before)));
            assert_eq!(rows, type_in(&with_type(before)), "{ty}");
        }
        assert_eq!(type_of_rows(&salvage("fsm.yaml", &OneFile(&with_type(ty)))).as_deref(), Some("Json"), "{ty}");
    }
}

#[test]
fn whatever_the_text_something_is_made_of_it() {
    // Cut off anywhere, with line ends of Windows too, and with letters of more than one byte.
    let text = FILE.replace("str\n", "[int]?\n").replace("Import", "Impört");
    for text in [text.replace('\n', "\r\n"), text.replace("edition: 2", "edition ü"), text] {
        for (end, _) in text.char_indices() {
            assert!(salvage("fsm.yaml", &OneFile(&text[..end])).machines.len() < 3);
        }
    }
}
