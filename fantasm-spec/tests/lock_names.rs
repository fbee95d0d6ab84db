//! What the lock knows of names that something had before: their order, where windows are found by it, and constants.

use fantasm_spec::{Lock, Spec, load_str};

const FSM_YAML: &str = "\
edition: 2
state_machines:
- name: Mail
  renamed_from: [Post, Letters]
  states:
  - name: Page
    renamed_from: [Leaf, Sheet]
    initial: true
    action: page
    transitions: [{event: sent, renamed_from: [posted, gone], to: Sum}, {event: late, renamed_from: [slow, old], to: All}]
  - {name: Sum, renamed_from: [Count, Tally], fan_in: 2, action: sum, transitions: [{event: done, to: All}]}
  - {name: All, renamed_from: [Every, Each], fan_in: all, action: all, transitions: [{event: ended, to: End}]}
  - {name: End, renamed_from: [Stop, Halt], final: true}
";

const CONSTANT: &str = "\
edition: 2
state_machines:
- name: Mail
  states:
  - {name: Page, initial: true, action: page, transitions: [{event: events.SENT, to: Sum}]}
  - {name: Sum, fan_in: 2, action: sum, final: true}
";

fn spec(text: &str) -> Spec {
    load_str("fsm.yaml", text).expect("the file is good").spec
}

/// What is said after a piece of a file has become another one.
fn breaks(file: &str, old: &str, new: &str) -> Vec<String> {
    assert!(file.contains(old), "{old}");
    let breaks = Lock::of(&spec(file)).breaks(&spec(&file.replace(old, new)));
    breaks.iter().map(|told| format!("{}; {}", told.message, told.help)).collect()
}

#[test]
fn another_first_name_is_told_where_windows_are_found_by_it() {
    let told = |what: &str, first: &str, now: &str, list: &str| {
        format!(
            "{what} was first called `{first}`, by which open windows of a fan-in are found, and now it says `{now}`; write \
             `renamed_from: [{list}]`: the latest first, the first name last"
        )
    };
    for (old, new, told) in [
        ("[Leaf, Sheet]", "[Sheet, Leaf]", told("state `Page`", "Sheet", "Leaf", "Leaf, Sheet")),
        ("[Leaf, Sheet]", "[Leaf, Sheet, Roll]", told("state `Page`", "Sheet", "Roll", "Leaf, Roll, Sheet")),
        ("name: Page\n    renamed_from: [Leaf, Sheet]", "name: Site\n    renamed_from: [Leaf, Sheet, Page]", {
            told("state `Site`", "Sheet", "Page", "Leaf, Page, Sheet")
        }),
        ("[posted, gone]", "[gone, posted]", told("event `sent` of state `Page`", "gone", "posted", "posted, gone")),
        ("[Count, Tally]", "[Tally, Count]", told("state `Sum`", "Tally", "Count", "Count, Tally")),
        ("[Every, Each]", "[Each, Every]", told("state `All`", "Each", "Every", "Every, Each")),
    ] {
        assert_eq!(breaks(FSM_YAML, old, new), [told], "{new}");
    }
}

#[test]
fn a_state_that_takes_over_another_is_told_where_windows_are_found_by_its_first_name() {
    let file = FSM_YAML.replace(" renamed_from: [Count, Tally],", "");
    let help =
        "give it a name that it never had, with `renamed_from: [Total, Sum]`: the latest first, the first name last";
    let told =
        "state `Sum` was first called `Sum`, by which open windows of a fan-in are found, and now it says `Total`";
    assert_eq!(breaks(&file, "name: Sum,", "name: Sum, renamed_from: Total,"), [format!("{told}; {help}")]);
    let third = file.replace("to: Sum", "to: Both");
    let third = third.replace("name: Sum,", "name: Both, renamed_from: [Total, Sum],");
    assert_eq!(Lock::of(&spec(&file)).breaks(&spec(&third)), []);
}

#[test]
fn an_earlier_name_is_not_given_to_another() {
    let more = "\n- name: Post\n  states: [{name: Begin, initial: true, final: true}]\n";
    for (old, new, what, name) in [
        ("[Post, Letters]", "Letters", "machine `Mail`", "Post"),
        (
            "{name: End, renamed_from: [Stop, Halt],",
            "{name: Stop}\n  - {name: End, renamed_from: Halt,",
            "state `End`",
            "Stop",
        ),
        (
            "{event: late, renamed_from: [slow, old],",
            "{event: slow, to: End}, {event: late, renamed_from: old,",
            "event `late`",
            "slow",
        ),
    ] {
        let what_is_it = what.split(' ').next().unwrap_or_default();
        let file = FSM_YAML.replace(old, new) + if name == "Post" { more } else { "" };
        let file = file.replace("{name: Stop}", "{name: Stop, final: true}");
        let breaks = Lock::of(&spec(FSM_YAML)).breaks(&spec(&file));
        let told = breaks.iter().map(|told| format!("{}; {}", told.message, told.help)).collect::<Vec<_>>();
        assert_eq!(
            told,
            [format!(
                "{what} no longer says that it was `{name}`; give the {what_is_it} that is called `{name}` now another name, and \
                 keep `renamed_from: {name}` until nothing is stored under that name"
            )]
        );
    }
}

#[test]
fn the_order_of_other_names_is_told_to_the_lock_and_is_no_error() {
    let lock = Lock::of(&spec(FSM_YAML));
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()), "{lock}");
    for (old, new) in [
        ("[Post, Letters]", "[Letters, Post]"),
        ("[slow, old]", "[old, slow]"),
        ("[Stop, Halt]", "[Halt, Stop]"),
        ("[Leaf, Sheet]", "[Roll, Leaf, Sheet]"),
    ] {
        assert_eq!(breaks(FSM_YAML, old, new), [""; 0], "{new}");
        assert_ne!(Lock::of(&spec(&FSM_YAML.replace(old, new))), lock, "{new}");
    }
}

#[test]
fn a_constant_with_another_path_says_what_is_stored() {
    let keep = "keep a transition for `events::SENT` until no task that follows it is stored";
    let told = format!(
        "state `Page` no longer has the event `events::SENT`; write `renamed_from` with the text of that constant at the \
         transition whose event it has become, or {keep}"
    );
    assert_eq!(breaks(CONSTANT, "event: events.SENT", "event: names.SENT"), [told.as_str()]);
    assert_eq!(breaks(CONSTANT, "event: events.SENT", "event: posted"), [told.as_str()]);
    for new in [
        "event: names.SENT, renamed_from: sent",
        "event: posted, renamed_from: sent",
        "event: 'events::SENT'",
        "event: events.SENT, renamed_from: posted",
    ] {
        assert_eq!(breaks(CONSTANT, "event: events.SENT", new), [""; 0], "{new}");
    }
    let two = CONSTANT.replace("[{event", "[{event: events.LATE, to: Sum}, {event");
    let one = two.replace("events.LATE", "names.LATE").replace("events.SENT", "names.SENT, renamed_from: sent");
    assert_eq!(Lock::of(&spec(&two)).breaks(&spec(&one)).len(), 1, "one text stands for one of two");
}

#[test]
fn the_text_of_a_constant_is_not_forgotten() {
    let told = CONSTANT.replace("events.SENT", "names.SENT, renamed_from: sent");
    let lock = Lock::of(&spec(&told));
    assert!(lock.to_string().contains("Page: [{\"names::SENT\": [sent]}]\n"), "{lock}");
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()));
    let breaks = lock.breaks(&spec(&told.replace("renamed_from: sent", "renamed_from: posted")));
    assert_eq!(breaks.len(), 1, "{breaks:?}");
    assert_eq!(breaks[0].message, "state `Page` no longer has the event `sent`");
}
