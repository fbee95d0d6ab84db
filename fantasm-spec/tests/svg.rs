//! Machines as SVG: `svg/<case>.yaml` becomes `svg/<case>.svg`, whole (`UPDATE_EXPECT=1` writes it anew), and what holds for every
//! picture is tried on random machines.

#[path = "support/expect.rs"]
mod expect;
#[path = "svg/xml.rs"]
mod xml;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use expect::expect;
use fantasm_spec::{Machine, load_str, svg};

#[track_caller]
fn machine(text: &str) -> Machine {
    let mut loaded = load_str("fsm.yaml", text).unwrap_or_else(|report| panic!("{report}\n{text}"));
    loaded.spec.machines.remove(0)
}

/// A machine of states of all kinds, with cycles, loops and parallel transitions.
fn random_machine(seed: u64) -> Machine {
    // SplitMix64, so that a failing seed can be tried again anywhere.
    let mut state = seed;
    let mut below = |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = state;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((number ^ (number >> 31)) % limit as u64) as usize
    };
    let n_states = 1 + below(40);
    let kinds: Vec<&str> = (0..n_states)
        .map(|at| ["", "", "", ", continuation: true", ", fan_in: 5"][if at == 0 { 0 } else { below(5) }])
        .collect();
    let mut text = String::from("state_machines:\n- name: Random\n  queue: usual\n  states:\n");
    for (at, kind) in kinds.iter().enumerate() {
        let initial = if at == 0 { ", initial: true" } else { "" };
        write!(text, "  - {{name: State-{at}, action: acts.act{at}, final: true{initial}{kind}, transitions: [")
            .expect("a text takes all");
        for event in 0..below(4) {
            // Most lead to the next state, so that the machine is deep too.
            let to = if below(3) == 0 { below(n_states) } else { (at + 1) % n_states };
            let is_plain = kind.is_empty() && kinds[to].is_empty();
            let extra =
                ["", ", queue: other", ", countdown: 90", ", action: acts.log"][if is_plain { below(4) } else { 0 }];
            write!(text, "{{event: event{event}, to: State-{to}{extra}}}, ").expect("a text takes all");
        }
        text.push_str("]}\n");
    }
    machine(&text)
}

#[test]
fn machines_are_drawn_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/svg");
    for case in ["email_batch", "report"] {
        let text = fs::read_to_string(folder.join(format!("{case}.yaml"))).expect("a case has a file");
        expect(&folder.join(format!("{case}.svg")), &svg::draw(&machine(&text)));
    }
}

#[test]
fn every_state_and_transition_appears_exactly_once() {
    for seed in 0..60 {
        let machine = random_machine(seed);
        let picture = xml::read(&svg::draw(&machine));
        let drawn: Vec<&str> = picture.with("data-state").iter().map(|state| state.get("data-state")).collect();
        let states: Vec<&str> = machine.states.iter().map(|state| state.name.as_str()).collect();
        assert_eq!(drawn, states, "seed {seed}");
        let drawn = picture.with("data-event");
        let drawn: Vec<[&str; 3]> =
            drawn.iter().map(|way| ["data-from", "data-event", "data-to"].map(|key| way.get(key))).collect();
        let transitions: Vec<[&str; 3]> = machine
            .states
            .iter()
            .flat_map(|state| state.transitions.iter().map(move |way| (state, way)))
            .map(|(state, way)| [state.name.as_str(), way.event.as_str(), machine[way.to].name.as_str()])
            .collect();
        assert_eq!(drawn, transitions, "seed {seed}");
    }
}

#[test]
fn states_show_what_they_are() {
    for seed in 0..20 {
        let machine = random_machine(seed);
        let picture = xml::read(&svg::draw(&machine));
        for (state, drawn) in machine.states.iter().zip(picture.with("data-state")) {
            let classes: BTreeSet<&str> = drawn.get("class").split(' ').collect();
            let has = |class: &str| classes.contains(class);
            assert_eq!(
                [has("initial"), has("final"), has("continuation"), has("fan-in")],
                [state.is_initial, state.is_final, state.is_continuation, state.fan_in.is_some()],
                "seed {seed}: {}",
                state.name
            );
            let texts: Vec<&str> = drawn.all().iter().map(|element| element.text.as_str()).collect();
            assert!(texts.contains(&state.name.as_str()), "seed {seed}: {texts:?}");
        }
    }
}

#[test]
fn the_same_machine_gives_the_same_bytes() {
    for seed in 0..20 {
        assert_eq!(svg::draw(&random_machine(seed)), svg::draw(&random_machine(seed)), "seed {seed}");
    }
}

#[test]
fn a_picture_names_and_describes_itself() {
    let picture = xml::read(&svg::draw(&random_machine(1)));
    assert_eq!(picture.get("role"), "img");
    let ids: Vec<&str> = picture.with("id").iter().map(|element| element.get("id")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "no id is there twice: {ids:?}");
    let all = picture.all();
    let texts: Vec<&str> = picture
        .get("aria-labelledby")
        .split(' ')
        .map(|id| all.iter().find(|element| element.get("id") == id).expect("the id is there").text.as_str())
        .collect();
    assert_eq!(texts[0], "Random");
    assert!(texts[1].contains("It starts in State-0."), "{texts:?}");
    assert!(texts[1].contains("event0 leads to State-"), "{texts:?}");
}

#[test]
fn what_a_file_says_stays_text() {
    let hostile = r#"]]></svg><script>alert('&')</script>" onload="alert(1)"#;
    let text = format!(
        "edition: 2
state_machines:
- name: M
  description: >-
    {hostile}
  states:
  - name: a
    initial: true
    action: act
    doc: >-
      {hostile}
    transitions:
    - event: go
      to: b
      queue: >-
        {hostile}
      description: >-
        {hostile}
  - name: b
    final: true
    action: gather
    fan_in: 1
"
    );
    let text = svg::draw(&machine(&text));
    let picture = xml::read(&text);
    assert!(!text.contains("<script"), "{text}");
    assert!(picture.all().iter().all(|element| element.name != "script" && !element.attributes.contains_key("onload")));
    assert!(picture.all().iter().any(|element| element.text.contains(hostile)), "{text}");
}

#[test]
fn options_change_what_they_say() {
    let machine = random_machine(3);
    let mut options = svg::Options::default();
    assert_eq!(svg::draw_with(&machine, &options), svg::draw(&machine));
    options.id = Some("console".to_owned());
    options.has_actions = false;
    options.has_canvas = false;
    let picture = xml::read(&svg::draw_with(&machine, &options));
    let of_class = |class: &str| picture.all().iter().filter(|element| element.get("class") == class).count();
    assert_eq!((of_class("code"), of_class("canvas")), (0, 0));
    assert!(picture.with("id").iter().all(|element| element.get("id").starts_with("console")));
    assert!(picture.with("data-state").iter().any(|state| state.get("id") == "console_state_State-0"));
}
