//! The schema against every file whose verdict is known: it refuses no good file, and the bad ones that it can judge.

mod validator;

use std::process::Command;

use serde_json::Value;

use validator::is_valid;

const CASES: &str = include_str!("../../fantasm-spec/tests/conformance/cases.jsonl");

/// What can be told without knowing the rest of the file.
const JUDGED: [&str; 20] = [
    "invalid-logging",
    "invalid-machine-attribute",
    "invalid-machine-name",
    "invalid-max-backoff-seconds",
    "invalid-max-doublings",
    "invalid-max-retries",
    "invalid-min-backoff-seconds",
    "invalid-state-attribute",
    "invalid-state-name",
    "invalid-task-age-limit",
    "invalid-task-retry-limit",
    "invalid-transition-attribute",
    "invalid-transition-event-name",
    "invalid-fan-in",
    "machine-name-required",
    "state-machines-attribute-required",
    "state-name-required",
    "transition-event-required",
    "transition-to-required",
    "invalid-edition",
];

#[test]
fn good_files_pass_and_bad_ones_do_not() {
    let schema = schema();
    let mut n_judged = [0, 0];
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let is_import = case.get("files").is_some();
        let Some(file) = json(case["yaml"].as_str().expect("a file")) else { continue };
        if has_fraction(&file) {
            continue;
        }
        let code = case["expect"]["code"].as_str().unwrap_or_default();
        if case["kind"] == "core" && case["expect"]["ok"] == true {
            assert!(is_valid(&schema, &schema, &file), "{} is good: {file:#}", case["id"]);
            n_judged[0] += 1;
        } else if JUDGED.contains(&code) && !is_import {
            assert!(!is_valid(&schema, &schema, &file), "{} is bad ({code}): {file:#}", case["id"]);
            n_judged[1] += 1;
        }
    }
    assert!(n_judged[0] > 200 && n_judged[1] > 150, "{n_judged:?}");
}

#[test]
fn the_second_edition_has_attributes_of_its_own() {
    let schema = schema();
    let file = |edition: &str, attributes: &str| {
        let state = format!("{{name: s, initial: true, final: true, {attributes}}}");
        json(&format!("{edition}state_machines: [{{name: M, states: [{state}]}}]")).expect("well formed")
    };
    for (attributes, is_good) in [
        ("description: x", true),
        ("fan_in: all, action: a.b", true),
        ("fan_in: {seconds: 2, max: 9}, action: a.b", true),
        ("timeout_seconds: 0", false),
        ("fan_in: {max: 9}", false),
        ("descripton: x", false),
    ] {
        assert_eq!(is_valid(&schema, &schema, &file("edition: 2\n", attributes)), is_good, "{attributes}");
        assert!(!is_valid(&schema, &schema, &file("", attributes)), "{attributes}");
    }
    assert!(!is_valid(&schema, &schema, &file("edition: 3\n", "final: true")));
}

#[test]
fn a_value_of_the_context_has_a_long_form_in_the_second_edition() {
    let schema = schema();
    let file = |edition: &str, attributes: &str| {
        let state = "{name: s, initial: true, final: true}";
        json(&format!("{edition}state_machines: [{{name: M, {attributes}, states: [{state}]}}]")).expect("well formed")
    };
    for (attributes, is_good) in [
        ("context_types: {rows: {type: int, default: 3}, names: {type: [str], optional: true}}", true),
        ("context_types: {rows: {default: 3}}", false),
        ("context_types: {rows: {type: int, defualt: 3}}", false),
        ("unknown_keys: keep", true),
        ("unknown_keys: forbid", false),
        ("derive: [Eq, '::schemars::JsonSchema']", true),
        ("derive: Eq", false),
        ("starts_with: [rows]", true),
        ("starts_with: rows", false),
    ] {
        assert_eq!(is_valid(&schema, &schema, &file("edition: 2\n", attributes)), is_good, "{attributes}");
        assert!(!is_valid(&schema, &schema, &file("", attributes)), "{attributes}");
    }
}

#[test]
fn an_event_is_a_name_or_the_path_of_a_constant() {
    let schema = schema();
    for (event, is_good) in [
        ("sent", true),
        ("consts.SENT", true),
        ("'::events::Mail::SENT_2'", true),
        ("consts.sent", false),
        ("all_sent", false),
        ("'.SENT'", false),
    ] {
        let state = format!("{{name: s, initial: true, final: true, transitions: [{{event: {event}, to: s}}]}}");
        let file = json(&format!("state_machines: [{{name: M, states: [{state}]}}]")).expect("well formed");
        assert_eq!(is_valid(&schema, &schema, &file), is_good, "{event}");
    }
}

#[test]
fn levels_are_given_to_rules_that_have_one() {
    let schema = schema();
    for (lints, is_good) in [
        ("{unreachable-state: deny, busy-loop: allow}", true),
        ("{unreachable-state: forbid}", false),
        ("{unreachable-sate: deny}", false),
        ("{invalid-fan-in: allow}", false),
    ] {
        let file = json(&format!("lints: {lints}\nstate_machines: []")).expect("well formed");
        assert_eq!(is_valid(&schema, &schema, &file), is_good, "{lints}");
    }
}

/// `28e25` is a text in YAML 1.1 and a number in 1.2, which is what editors read: there the schema judges another file.
fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(entries) => entries.values().any(has_fraction),
        _ => false,
    }
}

fn schema() -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_fantasm")).arg("schema").output().expect("the binary runs");
    serde_json::from_slice(&output.stdout).expect("a schema is JSON")
}

/// The file as an editor sees it; `None` for what is no YAML, or no JSON.
fn json(yaml: &str) -> Option<Value> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        strict_booleans: true,
    };
    serde_saphyr::from_str_with_options(yaml, options).ok()
}
