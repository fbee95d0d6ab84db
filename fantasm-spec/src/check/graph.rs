//! Where a machine starts, where it ends, and where its transitions lead.

use crate::ast::{Field, Machine, Transition};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::shorten;
use crate::similar::similar;
use crate::source::{Span, Spanned};

use super::Scope;
use super::name::is_name;

/// An instance starts in one state.
pub(super) fn initial_state(scope: &Scope<'_>, findings: &mut Findings) {
    let machine = scope.machine;
    // A second state of the same name has been reported; its being initial as well is the same mistake.
    let states = machine.states.iter().filter(|state| scope.is_first(state));
    let initial: Vec<Span> = states.filter_map(|state| true_place(&state.initial)).collect();
    match initial.as_slice() {
        [] => machine_has_no_initial_state(machine, findings),
        [first, others @ ..] => {
            for other in others {
                findings
                    .report(
                        Code::MachineHasMultipleInitialStates,
                        *other,
                        "a machine has one initial state, this is another",
                    )
                    .related(*first, "the first one")
                    .help("keep `initial: true` on the state where instances start");
            }
        }
    }
}

fn machine_has_no_initial_state(machine: &Machine, findings: &mut Findings) {
    let is_unclear = machine.states.iter().any(|state| matches!(state.initial, Field::Invalid));
    if is_unclear || !machine.has_all_states {
        return;
    }
    let (span, name) = name_of(machine);
    let (what, help) = if machine.states.is_empty() {
        (
            "states",
            "list its states below `states:`, with `initial: true` where instances start and `final: true` where they end",
        )
    } else {
        ("initial state", "add `initial: true` to the state where instances start")
    };
    findings.report(Code::MachineHasNoInitialState, span, format!("machine {name} has no {what}")).help(help);
}

/// An instance ends in a final state.
pub(super) fn machine_has_no_final_state(machine: &Machine, findings: &mut Findings) {
    let may_end =
        machine.states.iter().any(|state| state.is_final.is_true() || matches!(state.is_final, Field::Invalid));
    // Without any state the initial one is missed, and that is mistake enough.
    if may_end || !machine.has_all_states || machine.states.is_empty() {
        return;
    }
    let (span, name) = name_of(machine);
    findings
        .report(Code::MachineHasNoFinalState, span, format!("machine {name} has no final state"))
        .help("add `final: true` to the states where an instance may end");
}

pub(super) fn transition_to(scope: &Scope<'_>, transition: &Transition, findings: &mut Findings) {
    if transition.to.is_absent() {
        transition_to_required(transition, findings);
    }
    if let Some(to) = transition.to.given()
        && scope.target(transition).is_none()
        && scope.is_complete
    {
        transition_unknown_to_state(scope, to, findings);
    }
}

/// An event leads somewhere.
fn transition_to_required(transition: &Transition, findings: &mut Findings) {
    findings
        .report(Code::TransitionToRequired, transition.span, "a transition does not say where it leads")
        .label("in this transition")
        .help("add `to: …` with the name of a state of this machine");
}

/// A transition leads to a state of its own machine.
fn transition_unknown_to_state(scope: &Scope<'_>, to: &Spanned<String>, findings: &mut Findings) {
    let (_, name) = name_of(scope.machine);
    let states: Vec<&str> = scope.states.keys().copied().collect();
    // Comparing each unknown name with each state is quadratic; nobody writes so many states by hand.
    let candidates = states.iter().copied().filter(|_| states.len() <= MOST_CANDIDATES);
    let meant = similar(&to.value, candidates);
    if meant.is_some_and(|meant| !is_name(meant)) {
        // That state's name has been reported, and may be what is wrong here.
        return;
    }
    let message = format!("machine {name} has no state `{}`", shorten(&to.value));
    let finding = findings.report(Code::TransitionUnknownToState, to.span, message).label("unknown state");
    match meant {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(to.span, meant),
        None => finding.help(format!("its states are: {}", shorten_list(&states))),
    };
}

const MOST_CANDIDATES: usize = 1_000;

fn shorten_list(names: &[&str]) -> String {
    const MOST: usize = 8;
    let mut text = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text.push_str(", …");
    }
    text
}

fn true_place(flag: &Field<bool>) -> Option<Span> {
    flag.given().filter(|flag| flag.value).map(|flag| flag.span)
}

/// Where a machine is named, or begins when it is not; and what to call it.
fn name_of(machine: &Machine) -> (Span, String) {
    match machine.name.given() {
        Some(name) => (name.span, format!("`{}`", shorten(&name.value))),
        None => (machine.span, "without a name".to_owned()),
    }
}
