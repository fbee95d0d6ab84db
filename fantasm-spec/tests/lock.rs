//! Changes that stored instances can live with, and changes that they cannot.

use fantasm_spec::{Lock, Spec, load_str};

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Import
  context_types:
    rows: int
    partner-name: [str]
  states:
  - name: Load
    initial: true
    action: load
    transitions:
    - event: loaded
      to: '404'
  - name: '404'
    final: true
- name: Export
  states:
  - {name: Run, initial: true, final: true}
- name: Mail
  states:
  - {name: Page, initial: true, final: true, continuation: true, action: page, transitions: [{event: sent, to: Sum}]}
  - {name: Sum, fan_in: 2, final: true, action: sum}
";

fn spec(text: &str) -> Spec {
    load_str("fsm.yaml", text).expect("the file is good").spec
}

/// What is said after a piece of the file has become another one.
fn breaks(old: &str, new: &str) -> Vec<String> {
    assert!(FSM_YAML.contains(old), "{old}");
    let lock = Lock::of(&spec(FSM_YAML));
    let breaks = lock.breaks(&spec(&FSM_YAML.replacen(old, new, 1)));
    let told = |told: &fantasm_spec::Break| {
        let place = told.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{place}: {}; {}", told.message, told.help)
    };
    breaks.iter().map(told).collect()
}

#[test]
fn what_instances_cannot_live_with_is_told_with_what_to_do() {
    for (old, new, told) in [
        (
            "name: Export",
            "name: Exports",
            "fsm.yaml:3:9: there is no longer a machine `Export`; write `renamed_from: Export` at the machine that it has become, \
             or keep it until no instance needs it",
        ),
        (
            "name: Run",
            "name: Walk",
            "fsm.yaml:16:9: machine `Export` no longer has the state `Run`; write `renamed_from: Run` at the state that it has \
             become, or keep it until no instance needs it",
        ),
        (
            "event: loaded",
            "event: done",
            "fsm.yaml:8:11: state `Load` no longer has the event `loaded`; write `renamed_from: loaded` at the transition whose \
             event it has become, or keep a transition for `loaded` until no task that follows it is stored",
        ),
        (
            "event: sent",
            "event: events.SENT",
            "fsm.yaml:21:12: state `Page` no longer has the event `sent`; write `renamed_from: sent` at the transition whose event \
             it has become, or keep a transition for `sent` until no task that follows it is stored",
        ),
        (
            "rows: int",
            "rows: str",
            "fsm.yaml:5:5: the value `rows` of machine `Import` was `int` and is `str`; give the value of the new type another \
             name, and keep `rows: int` meanwhile",
        ),
        (
            "[str]",
            "[int]",
            "fsm.yaml:6:5: the value `partner-name` of machine `Import` was `[str]` and is `[int]`; give the value of the new \
             type another name, and keep `partner-name: [str]` meanwhile",
        ),
        (
            "    rows: int\n    partner-name: [str]\n",
            "    partner-name: [str]\n  unknown_keys: refuse\n",
            "fsm.yaml:3:9: machine `Import` no longer has the value `rows`, and refuses unknown keys; keep `rows`, or write \
             `unknown_keys: ignore`, until no instance is stored that has it",
        ),
        (
            "[str]",
            "app.Name",
            "fsm.yaml:6:5: the value `partner-name` of machine `Import` was `[str]` and is `app::Name`; give the value of the new \
             type another name, and keep `partner-name: [str]` meanwhile; or, where the one type reads what the other has \
             written, accept it by `fantasm lock --accept`",
        ),
        (
            "rows: int",
            "rows: str?",
            "fsm.yaml:5:5: the value `rows` of machine `Import` was `int` and is `str?`; give the value of the new type another \
             name, and keep `rows: int` meanwhile",
        ),
    ] {
        assert_eq!(breaks(old, new), [told], "{new}");
    }
}

#[test]
fn a_state_that_is_of_another_kind_is_told() {
    for (old, new, told) in [
        (
            "continuation: true, ",
            "",
            "fsm.yaml:21:12: state `Page` was a continuation, whose tasks name a page, and is none; give the new state another \
             name, and keep `Page` until no task of it is stored",
        ),
        (
            "fan_in: 2, ",
            "",
            "fsm.yaml:22:12: state `Sum` was a fan-in, in which contexts wait, and is none; give the new state another name, and \
             keep `Sum` until no task of it is stored",
        ),
        (
            "final: true}\n- name: Mail",
            "final: true, fan_in: 3, action: run}\n- name: Mail",
            "fsm.yaml:18:12: state `Run` was no fan-in, so that its tasks have no window, and is one; give the new state another \
             name, and keep `Run` until no task of it is stored",
        ),
        (
            "fan_in: 2, ",
            "fan_in: all, ",
            "fsm.yaml:22:12: state `Sum` gathered by time, so that a window which is open would fire before all have come, and \
             gathers all; give the new state another name, and keep `Sum` until no task of it is stored",
        ),
    ] {
        assert_eq!(breaks(old, new), [told], "{new}");
    }
}

#[test]
fn a_fan_in_that_gathered_all_has_to_go_on_so() {
    let all = FSM_YAML.replacen("fan_in: 2", "fan_in: all", 1);
    let lock = Lock::of(&spec(&all));
    assert!(lock.to_string().contains("    Sum: {fan_in_all: []}\n"), "{lock}");
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()));
    assert_eq!(lock.breaks(&spec(&all)), []);
    for by_time in ["fan_in: 2", "fan_in: {seconds: 2, max: 10}"] {
        let breaks = lock.breaks(&spec(&FSM_YAML.replacen("fan_in: 2", by_time, 1)));
        let told = breaks.iter().map(|told| told.message.as_str()).collect::<Vec<_>>();
        let message =
            "state `Sum` gathered all, so that a window which is open waits for all others, and gathers by time";
        assert_eq!(told, [message], "{by_time}");
    }
}

#[test]
fn a_fan_in_that_keeps_contexts_apart_otherwise_is_told() {
    let all = FSM_YAML.replace("{name: Sum, fan_in: 2,", "{name: Total, renamed_from: Sum, fan_in: all,");
    let all = all.replace("to: Sum", "to: Total");
    let by = |group: &str| all.replace("fan_in: all,", &format!("fan_in: all,{group}"));
    let lock = Lock::of(&spec(&by(" fan_in_group: 'a b',")));
    assert!(lock.to_string().contains("    Total: {fan_in_all: [], group: \"a b\", renamed_from: [Sum]}\n"), "{lock}");
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()));
    assert_eq!(lock.breaks(&spec(&by(" fan_in_group: 'a b',"))), []);
    for (group, now) in [("", "nothing"), (" fan_in_group: badge,", "`badge`")] {
        let breaks = lock.breaks(&spec(&by(group)));
        let told = breaks.iter().map(|told| told.message.clone()).collect::<Vec<_>>();
        assert_eq!(
            told,
            [format!(
                "state `Total` kept contexts apart by `a b`, as its open windows still do, and keeps them apart by {now}"
            )]
        );
    }
    let breaks = lock.breaks(&spec(&by(" fan_in_group: badge,").replacen("fan_in: all", "fan_in: 3", 1)));
    assert_eq!(breaks.len(), 1, "that it gathers by time says enough: {breaks:?}");
}

#[test]
fn keys_that_were_kept_are_not_to_be_refused() {
    let with =
        |choice| FSM_YAML.replacen("- name: Import\n", &format!("- name: Import\n  unknown_keys: {choice}\n"), 1);
    let kept = Lock::of(&spec(&with("keep")));
    assert!(kept.to_string().contains("  unknown_keys: keep\n"), "{kept}");
    assert_eq!(Lock::parse(&kept.to_string()), Ok(kept.clone()));
    let breaks = kept.breaks(&spec(&with("refuse")));
    let told = breaks.iter().map(|told| (told.message.as_str(), told.help.as_str())).collect::<Vec<_>>();
    assert_eq!(
        told,
        [(
            "machine `Import` kept unknown keys, and refuses them",
            "write `unknown_keys: ignore` until no instance is stored that has some"
        )]
    );
    assert_eq!(kept.breaks(&spec(&with("ignore"))), []);
    assert_eq!(Lock::of(&spec(&with("ignore"))).breaks(&spec(&with("refuse"))), []);
}

#[test]
fn what_instances_can_live_with_is_not() {
    for (old, new) in [
        ("name: Export", "name: Exports\n  renamed_from: Export"),
        ("{name: Run, ", "{name: Walk, renamed_from: Run, "),
        ("- event: loaded", "- event: read\n      renamed_from: loaded"),
        ("event: sent", "event: events.SENT, renamed_from: [posted, sent]"),
        ("{name: Run, ", "{name: Stroll, renamed_from: [Walk, Run], "),
        ("    - event: loaded", "    - event: again\n      to: Load\n    - event: loaded"),
        ("- name: Export", "- name: More\n  states: [{name: Run, initial: true, final: true}]\n- name: Export"),
        ("rows: int", "rows: float"),
        ("rows: int", "rows: json"),
        ("[str]", "[json]"),
        ("[str]", "[str?]"),
        ("rows: int", "rows: int?"),
        ("rows: int", "rows: {type: int, default: 7}"),
        ("    partner-name: [str]\n", "    partner-name: [str]\n  unknown_keys: refuse\n"),
        ("fan_in: 2", "fan_in: 7"),
        ("fan_in: 2", "fan_in: {seconds: 2, max: 10}"),
        ("final: true}\n- name: Mail", "final: true, continuation: true, action: run}\n- name: Mail"),
        ("rows: int\n", "rows: int\n    more: bool\n"),
        ("    rows: int\n", ""),
        ("to: '404'", "to: Load\n    - event: end\n      to: '404'"),
    ] {
        assert_eq!(breaks(old, new), [""; 0], "{new}");
    }
}

#[test]
fn an_earlier_name_is_not_forgotten() {
    let renamed = FSM_YAML
        .replace("name: Export", "name: Exports\n  renamed_from: [Export, Out]")
        .replace("{name: Run,", "{name: Walk, renamed_from: Run,")
        .replace("{name: Sum,", "{name: Total, renamed_from: Sum,")
        .replace("to: Sum", "to: Total");
    let lock = Lock::of(&spec(&renamed));
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()), "{lock}");
    assert!(lock.to_string().contains("Total: {fan_in: [], renamed_from: [Sum]}"), "{lock}");
    assert_eq!(lock.breaks(&spec(&renamed)), []);
    let forgotten = renamed.replace("\n  renamed_from: [Export, Out]", "").replace(" renamed_from: Run,", "");
    let forgotten = forgotten.replace(" renamed_from: Sum,", "");
    let told = lock
        .breaks(&spec(&forgotten))
        .iter()
        .map(|told| format!("{}; {}", told.message, told.help))
        .collect::<Vec<_>>();
    let help = |name: &str| format!("keep `renamed_from: {name}` until nothing is stored under that name");
    assert_eq!(
        told,
        [
            format!("machine `Exports` no longer says that it was `Export`; {}", help("Export")),
            format!("machine `Exports` no longer says that it was `Out`; {}", help("Out")),
            format!("state `Walk` no longer says that it was `Run`; {}", help("Run")),
            format!("state `Total` no longer says that it was `Sum`; {}", help("Sum")),
        ]
    );
}

#[test]
fn the_earlier_name_of_an_event_is_not_forgotten() {
    let renamed = FSM_YAML.replace("- event: loaded", "- event: read\n      renamed_from: [loaded, got]");
    let lock = Lock::of(&spec(&renamed));
    assert!(lock.to_string().contains("    Load: [{read: [loaded, got]}]\n"), "{lock}");
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()));
    assert_eq!(lock.breaks(&spec(&renamed)), []);
    let breaks = lock.breaks(&spec(&renamed.replace("[loaded, got]", "loaded")));
    let told = breaks.iter().map(|told| told.message.as_str()).collect::<Vec<_>>();
    assert_eq!(told, ["state `Load` no longer has the event `got`"]);
}

#[test]
fn a_lock_is_read_as_it_was_written() {
    let lock = Lock::of(&spec(FSM_YAML));
    assert_eq!(
        lock.to_string(),
        "\
# What stored instances rely on. `fantasm lock` writes it; keep it with fsm.yaml.
Export:
  context: {}
  states:
    Run: []
Import:
  context:
    partner-name: \"[str]\"
    rows: int
  states:
    \"404\": []
    Load: [loaded]
Mail:
  context: {}
  states:
    Page: {continuation: [sent]}
    Sum: {fan_in: []}
"
    );
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock));
    let empty = Lock::of(&spec("state_machines: []"));
    assert_eq!(Lock::parse(&empty.to_string()), Ok(empty));
}

#[test]
fn what_is_no_lock_is_told_with_its_line() {
    for (text, line) in [
        ("", 1),
        ("One: 7", 1),
        ("One:\n  states: []\n", 2),
        ("One:\n  states:\n    A: b\n", 3),
        ("One:\n  context:\n    a: [b]\n", 3),
        ("One:\n  colour: red\n", 2),
        ("One:\n  states: {A: [}\n", 2),
        ("One:\n  states:\n    A: {page: []}\n", 3),
        ("One:\n  states:\n    A: {fan_in: [], continuation: []}\n", 3),
    ] {
        let error = Lock::parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
    }
}
