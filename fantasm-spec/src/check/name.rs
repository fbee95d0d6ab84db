//! Names: that there is one, and of what it is made.

use crate::ast::{Machine, State, Transition};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::name::{is_constant, is_identifier};
use crate::scalar::shorten;
use crate::source::Spanned;

/// Several names are joined in one key of a task, hence the limit.
const LONGEST_NAME: usize = 50;

const RULE: &str = "use 1 to 50 letters (a-z, A-Z), digits and hyphens";

pub(super) fn machine(machine: &Machine, findings: &mut Findings) {
    machine_name_required(machine, findings);
    if let Some(name) = machine.name.given() {
        name_rule(name, "a machine", Code::InvalidMachineName, findings);
    }
}

pub(super) fn state(state: &State, findings: &mut Findings) {
    state_name_required(state, findings);
    if let Some(name) = state.name.given() {
        name_rule(name, "a state", Code::InvalidStateName, findings);
    }
}

pub(super) fn transition(state: &State, transition: &Transition, findings: &mut Findings) {
    transition_event_required(transition, findings);
    // What text a constant has only the compiler knows; generated code lets it judge that.
    if transition.constant.is_some() {
        return;
    }
    if let Some(event) = transition.event.given() {
        name_rule(event, "an event", Code::InvalidTransitionEventName, findings);
    }
    invalid_transition_name(state, transition, findings);
}

/// A machine is started, stored and shown by its name.
fn machine_name_required(machine: &Machine, findings: &mut Findings) {
    if machine.name.is_absent() {
        findings
            .report(Code::MachineNameRequired, machine.span, "a machine has no name")
            .label("in this machine")
            .help("add `name: …` with letters, digits and hyphens");
    }
}

/// Transitions lead to states by their names.
fn state_name_required(state: &State, findings: &mut Findings) {
    if state.name.is_absent() {
        findings
            .report(Code::StateNameRequired, state.span, "a state has no name")
            .label("in this state")
            .help("add `name: …` with letters, digits and hyphens");
    }
}

/// What an action answers is the name of an event.
fn transition_event_required(transition: &Transition, findings: &mut Findings) {
    if transition.event.is_absent() {
        findings
            .report(Code::TransitionEventRequired, transition.span, "a transition has no event")
            .label("in this transition")
            .help("add `event: …`, the name that the action answers with");
    }
}

/// Whether a text keeps the rule for names.
pub(super) fn is_name(text: &str) -> bool {
    problem(text).is_none() && !text.is_empty()
}

fn name_rule(name: &Spanned<String>, owner: &str, code: Code, findings: &mut Findings) {
    let text = &name.value;
    let Some(problem) = problem(text) else { return };
    let help = Some(text).filter(|_| code == Code::InvalidTransitionEventName).and_then(|text| path_help(text));
    let help = help.unwrap_or_else(|| RULE.to_owned());
    let finding = findings.report(code, name.span, format!("the name of {owner} {problem}")).help(help);
    let better = text.trim().replace(['_', ' '], "-");
    if is_name(&better) {
        finding.fix(name.span, better);
    }
}

/// What is wrong with a text that looks like the path of a constant and is none.
fn path_help(text: &str) -> Option<String> {
    let segments: Vec<&str> = text.split("::").flat_map(|part| part.split('.')).collect();
    let (first, last) = (*segments.first()?, *segments.last()?);
    if segments.len() < 2 || !segments.iter().all(|segment| is_identifier(segment)) {
        return None;
    }
    Some(if !is_constant(last) {
        format!("{RULE}; the path of a constant ends in capitals, as `{}` does", last.to_ascii_uppercase())
    } else if first == "crate" {
        "leave `crate` out: the path of a constant starts at the crate root".to_owned()
    } else {
        "write the path of the constant from the crate root".to_owned()
    })
}

fn problem(text: &str) -> Option<String> {
    let length = text.chars().count();
    match text.chars().find(|letter| !(letter.is_ascii_alphanumeric() || *letter == '-')) {
        Some(letter) => Some(format!("has {} in it: `{}`", describe(letter), shorten(text))),
        None if length > LONGEST_NAME => Some(format!("is {length} characters long")),
        None => None,
    }
}

fn describe(letter: char) -> String {
    match letter {
        ' ' => "a blank".to_owned(),
        '\n' => "a line break".to_owned(),
        '\t' => "a tab".to_owned(),
        letter if letter.is_control() => "a control character".to_owned(),
        letter => format!("a `{letter}`"),
    }
}

/// A transition is called `state--event`, and that is a name too.
fn invalid_transition_name(state: &State, transition: &Transition, findings: &mut Findings) {
    let (Some(name), Some(event)) = (state.name.given(), transition.event.given()) else { return };
    let (ours, theirs) = (name.value.chars().count(), event.value.chars().count());
    // A name that is too long by itself has been reported as that.
    if ours > LONGEST_NAME || theirs > LONGEST_NAME || ours + theirs + 2 <= LONGEST_NAME {
        return;
    }
    let message = format!("the state and the event have {} characters together, more than 48", ours + theirs);
    findings
        .report(Code::InvalidTransitionName, event.span, message)
        .related(name.span, "the state")
        .help("shorten one of the two names");
}
