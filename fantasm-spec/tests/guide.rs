//! The guide names every attribute, with its edition.

use fantasm_spec::attribute::attributes;
use fantasm_spec::{Class, Code};

#[test]
fn the_guide_has_every_attribute_of_the_language() {
    let guide = include_str!("../docs/language.md");
    let rows: Vec<Vec<&str>> = guide.lines().map(|line| line.split('|').map(str::trim).collect()).collect();
    for attribute in attributes() {
        let quoted = format!("`{}`", attribute.name);
        let edition = attribute.edition.to_string();
        let is_there = rows
            .iter()
            .any(|row| row.get(1).is_some_and(|cell| cell.contains(&quoted)) && row.get(2) == Some(&edition.as_str()));
        assert!(is_there, "{attribute:?} is not in the guide");
        assert!(attribute.description.ends_with('.'), "{attribute:?}");
    }
}

#[test]
fn the_guide_has_every_rule_with_a_level() {
    let guide = include_str!("../docs/language.md");
    for code in Code::ALL.iter().filter(|code| code.class() != Class::Error) {
        assert!(guide.contains(&format!("| `{code}` | ")), "{code} is not in the guide");
    }
}

#[test]
fn the_files_of_the_guide_are_as_they_say() {
    let guide = include_str!("../docs/language.md");
    let mut blocks = guide.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let machines = blocks.next().expect("the first example is a file");
    let loaded = fantasm_spec::load_str("fsm.yaml", machines).expect("it is usable");
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let lints = blocks.next().expect("the second example gives levels");
    assert!(fantasm_spec::load_str("fsm.yaml", &format!("{lints}{machines}")).is_ok());
}
