//! What compiles, and what does not and what rustc then says.
//!
//! A folder is a kind of mistake: its `fsm.yaml`, and for each case a `.rs` file and what rustc says about it. A line that is
//! wrong ends in `~ mistake`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

mod pass;

/// What does not compile, and the folders and cases that show it.
const WHAT_DOES_NOT_COMPILE: &[(&str, &[&str])] = &[
    (
        "an action path that does not exist",
        &["missing_action", "missing_module", "missing_namespace", "forgotten_namespace", "shared_action/missing"],
    ),
    (
        "a function without `#[fsm_action]`",
        &["missing_attribute", "missing_attribute_with_pages", "shared_action/without_the_attribute"],
    ),
    ("a method as an action", &["method_named"]),
    ("an action that nobody names", &["unnamed_action"]),
    (
        "an event that the state has no transition for",
        &["wrong_event", "wrong_emits/no_transition", "shared_action/misspelt_event"],
    ),
    ("a transition whose event no action emits", &["unemitted_event", "wrong_emits/never_emitted"]),
    ("a continuation state whose action has no `#[continuation]`", &["missing_continuation"]),
    ("a continuation on a state that is not marked", &["needless_continuation"]),
    (
        "a fan-in action that takes one context or a page",
        &["wrong_input/contexts_by_reference", "wrong_input/one_context_in_a_fan_in", "wrong_input/page_in_a_fan_in"],
    ),
    (
        "a plain state whose action takes contexts or a page",
        &["wrong_input/contexts_in_a_plain_state", "wrong_input/page_in_a_plain_state"],
    ),
    ("a context of another machine", &["other_machine", "other_machine_hooks", "other_machine_pages"]),
    ("a final state without events that returns one", &["final_state_with_event"]),
    (
        "a state that is not final and may return none",
        &[
            "wrong_return_type/maybe_in_a_state_that_is_not_final",
            "wrong_return_type/nothing_in_a_state_that_is_not_final",
            "wrong_emits/nothing_in_a_state_that_is_not_final",
        ],
    ),
    ("two actions for one path", &["two_actions"]),
    ("not async", &["not_async"]),
    (
        "a wrong return type",
        &[
            "wrong_return_type/boxed_error",
            "wrong_return_type/error_that_is_no_error",
            "wrong_return_type/event_of_an_entry",
            "wrong_return_type/impl_trait",
            "wrong_return_type/missing_type",
            "wrong_return_type/no_event",
            "wrong_return_type/no_event_in_a_result",
        ],
    ),
    ("a wrong argument", &["wrong_argument", "unsafe_function"]),
    ("a private function", &["private_action", "private_module"]),
    (
        "an external action that may run twice",
        &[
            "external_without_a_key",
            "external_start_without_a_key",
            "external_by_hand_without_a_key",
            "external_hook_without_a_key",
            "shared_action/external",
        ],
    ),
    ("a wrong attribute", &["attribute_arguments", "attribute_arguments_of_a_continuation", "not_a_function"]),
    (
        "a list of events that does not fit",
        &["wrong_emits/no_list_of_its_own", "wrong_emits/not_in_the_list", "wrong_emits/twice"],
    ),
    ("a wrong continuation", &["wrong_continuation"]),
    ("a wrong `impl` of an action", &["wrong_block"]),
    ("a wrong constant for an event", &["wrong_event_constant"]),
    ("a type of the context that does not fit", &["wrong_context_type", "wrong_derive"]),
    ("every rule of fsm.yaml", &["wrong_fsm_yaml"]),
];

/// Cases of several mistakes that rustc tells in one error, which marks the place of each: there a place counts as an error.
const TOLD_TOGETHER: &[(&str, &str)] = &[
    ("missing_action/two", "rustc gathers the names that it does not find of one `use`"),
    ("unemitted_event/two", "rustc gathers the variants of an enum that are never constructed"),
];

#[test]
fn what_rustc_says() {
    // One value for all cases, so that what they depend on is built once. Modules are cases of their own test.
    let cases = trybuild::TestCases::new();
    for case in cases_below(Path::new("ui")).unwrap() {
        cases.compile_fail(case);
    }
}

/// Rustc may warn of what follows from an error, of an import that nobody uses then; that is no second error.
#[test]
fn one_mistake_is_one_error() {
    let (mut n_errors, mut n_mistakes) = (0, 0);
    for case in cases_below(Path::new("ui")).unwrap() {
        let told = fs::read_to_string(case.with_extension("stderr")).unwrap();
        let yaml = fs::read_to_string(case.with_file_name("fsm.yaml")).unwrap_or_default();
        let written = fs::read_to_string(&case).unwrap() + &yaml;
        let name = name(&case);
        let starts = |start: &str| told.lines().filter(|line| line.starts_with(start)).count();
        let errors = match TOLD_TOGETHER.iter().find(|(together, _)| *together == name) {
            Some((_, why)) => {
                assert_eq!(starts("error"), 1, "{name}, where {why}:\n{told}");
                let shown = told.lines().take_while(|line| !line.starts_with("note:"));
                shown.filter(|line| line.trim_start_matches([' ', '|']).starts_with('^')).count()
            }
            None => starts("error"),
        };
        let mistakes = written.matches("~ mistake").count();
        assert_eq!(errors, mistakes, "errors of {name}:\n{told}");
        n_errors += errors;
        n_mistakes += mistakes;
    }
    assert_eq!(n_errors, n_mistakes);
    assert!(n_mistakes > 80, "{n_mistakes} mistakes");
}

#[test]
fn every_kind_of_mistake_has_two_cases_and_every_case_a_kind() {
    let cases = cases_below(Path::new("ui")).unwrap().iter().map(|case| name(case)).collect::<Vec<_>>();
    let is_of = |case: &str, kind: &str| case == kind || case.starts_with(&format!("{kind}/"));
    for (kind, folders) in WHAT_DOES_NOT_COMPILE {
        let n_cases = cases.iter().filter(|case| folders.iter().any(|folder| is_of(case, folder))).count();
        assert!(n_cases >= 2, "`{kind}` has {n_cases} cases");
    }
    let kinds = || WHAT_DOES_NOT_COMPILE.iter().flat_map(|(_, folders)| *folders);
    for case in &cases {
        let n_kinds = kinds().filter(|folder| is_of(case, folder)).count();
        assert_eq!(n_kinds, 1, "`{case}` is named by so many kinds of mistakes");
    }
}

/// `ui/wrong_event/misspelt.rs` is `wrong_event/misspelt`.
fn name(case: &Path) -> String {
    let case = case.with_extension("");
    case.components().skip(1).map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[test]
fn an_error_in_generated_code_names_its_place_in_fsm_yaml() {
    for case in cases_below(Path::new("ui")).unwrap() {
        let told = fs::read_to_string(case.with_extension("stderr")).unwrap();
        // Where an error is, its first place says; rustc may show code beside it that is generated as well.
        for error in told.split("\nerror") {
            let place = error.lines().find(|line| line.contains("-->")).unwrap_or_default();
            if place.contains("$OUT_DIR") {
                assert!(error.contains("fsm.yaml:"), "what is said about {}:\n{error}", case.display());
            }
        }
    }
}

/// Mistakes of which not all errors show the line, and why: it is not wrong by itself, or rustc has no way to it.
const TOLD_ELSEWHERE: &[(&str, &str)] = &[
    ("missing_attribute", NO_TYPE),
    ("forgotten_namespace", "what is not there has no line; the error names each action's place in fsm.yaml"),
    ("missing_namespace", "what fsm.yaml names is not there; the error names the place in fsm.yaml"),
    ("shared_action/missing", "what fsm.yaml names is not there; the error names the place in fsm.yaml"),
    ("shared_action/without_the_attribute", NO_TYPE),
    ("unemitted_event", "rustc shows the event, with its place in fsm.yaml, and cannot know which line was to emit it"),
    ("wrong_argument/service_by_value", INPUT),
    ("wrong_continuation/other_input", INPUT),
    ("wrong_event_constant", "rustc shows where a constant is asked for, and not where it is"),
    ("wrong_input", INPUT),
];

const NO_TYPE: &str =
    "a function that no type stands for is known to rustc as a value alone, whose place it does not show";

const INPUT: &str = "whether an input fits is asked of its type, which knows no function";

#[test]
fn an_error_shows_the_line_of_its_mistake() {
    let mut hidden = BTreeSet::new();
    for case in cases_below(Path::new("ui")).unwrap() {
        let told = fs::read_to_string(case.with_extension("stderr")).unwrap();
        let yaml = fs::read_to_string(case.with_file_name("fsm.yaml")).unwrap_or_default();
        let code = fs::read_to_string(&case).unwrap();
        // A function's attribute stands above it, and an error about the one is an error about the other.
        let in_code = marked(&code).flat_map(|line| line.saturating_sub(2)..=line);
        let mut places: Vec<_> = in_code.map(|line| format!("{}:{line}:", case.display())).collect();
        places.extend(marked(&yaml).map(|line| format!("fsm.yaml:{line}:")));
        let (name, shows) = (name(&case), |error: &str| places.iter().any(|place| error.contains(place)));
        let errors = told.split("\nerror").filter(|error| !error.starts_with("warning"));
        if !errors.clone().all(|error| error.contains("~ mistake") || shows(error)) {
            let exception = TOLD_ELSEWHERE.iter().find(|(other, _)| name.starts_with(other));
            let (other, _) = exception.unwrap_or_else(|| panic!("{name} does not show where it is wrong:\n{told}"));
            hidden.insert(*other);
        }
    }
    for (other, why) in TOLD_ELSEWHERE {
        assert!(hidden.contains(other), "all errors of {other} show the line, in spite of: {why}");
    }
}

/// The numbers of the lines that are marked as wrong.
fn marked(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.lines().zip(1..).filter(|(line, _)| line.contains("~ mistake")).map(|(_, number)| number)
}

/// Every case of every mistake, in the order of their names.
fn cases_below(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut cases = Vec::new();
    for mistake in fs::read_dir(dir)? {
        let mistake = mistake?.path();
        if mistake.is_dir() && !mistake.ends_with("pass") {
            for case in fs::read_dir(mistake)? {
                cases.push(case?.path());
            }
        }
    }
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "rs"));
    cases.sort();
    Ok(cases)
}
