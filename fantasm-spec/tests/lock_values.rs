//! What the lock knows of the values of contexts: those that are gone, and those that keep contexts apart.

use fantasm_spec::{Lock, Spec, load_str};

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  context_types: {rows: int, since: date, badges: [int]}
  states:
  - {name: Load, initial: true, action: load, transitions: [{event: loaded, to: Sum}]}
  - {name: Sum, fan_in: 2, fan_in_group: rows, action: sum, final: true}
";

fn spec(text: &str) -> Spec {
    load_str("fsm.yaml", text).expect("the file is good").spec
}

fn breaks(lock: &Lock, text: &str) -> Vec<String> {
    lock.breaks(&spec(text)).into_iter().map(|told| told.message).collect()
}

#[test]
fn a_value_that_is_gone_is_not_forgotten() {
    let lock = Lock::of(&spec(FSM_YAML));
    let without = FSM_YAML.replace(", since: date", "");
    assert_eq!(breaks(&lock, &without), [""; 0]);
    let lock = lock.after(&spec(&without));
    assert!(lock.to_string().contains("    rows: int\n  gone:\n    since: date\n  states:\n"), "{lock}");
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()));
    assert_eq!(lock.after(&spec(&without)), lock);

    let again = |ty: &str| without.replace("rows: int", &format!("rows: int, since: {ty}"));
    assert_eq!(breaks(&lock, &again("int")), ["the value `since` of machine `Import` was `date` and is `int`"]);
    assert_eq!(breaks(&lock, &again("str")), [""; 0]);
    assert!(!lock.after(&spec(&again("str"))).to_string().contains("gone"), "it is there again");

    let refuse = without.replace("  states:", "  unknown_keys: refuse\n  states:");
    assert_eq!(
        breaks(&lock, &refuse),
        ["machine `Import` no longer has the value `since`, and refuses unknown keys"],
        "what was passed over is stored all the same"
    );
}

#[test]
fn a_value_that_is_gone_goes_with_its_machine() {
    let lock = Lock::of(&spec(FSM_YAML));
    let renamed = FSM_YAML.replace("name: Import", "name: Take\n  renamed_from: Import").replace(", since: date", "");
    assert_eq!(breaks(&lock, &renamed), [""; 0]);
    let lock = lock.after(&spec(&renamed));
    assert_eq!(breaks(&lock, &renamed.replace("rows: int", "rows: int, since: bool")).len(), 1, "{lock}");
}

#[test]
fn a_value_that_keeps_contexts_apart_is_written_as_before() {
    let lock = Lock::of(&spec(FSM_YAML));
    let told = "the value `rows` of machine `Import` was `int` and is `float`, so that the groups of state `Sum` would be others: \
                `7` is not `7.0`";
    assert_eq!(breaks(&lock, &FSM_YAML.replace("rows: int", "rows: float")), [told]);
    for (old, new) in [("rows: int", "rows: json"), ("rows: int", "rows: int?"), ("[int]", "[float]"), ("date", "str")]
    {
        assert_eq!(breaks(&lock, &FSM_YAML.replace(old, new)), [""; 0], "{new}");
    }
}
