//! The rules, over what was written. AFTER THIS POINT: every name points at something and every machine can start and end.
//!
//! One rule is one function and reports one code. Rules say nothing of values that could not be read: those have been reported.

mod action;
mod failure;
mod fan_in;
mod finish;
mod graph;
mod identifier;
mod name;
mod portability;
mod queue;
mod renamed;
mod retry;
mod unique;
mod unsupported;
mod value;

pub(crate) use queue::repeated as repeated_queues;

use std::collections::BTreeMap;

use crate::ast::{Machine, Queue, State, Transition};
use crate::diagnostic::Findings;

/// Judges all machines of a load, in file order, and notes which of them are sound.
pub(crate) fn all(machines: &mut [Machine], queues: Option<&[Queue]>, findings: &mut Findings) {
    queue::repeated(queues.unwrap_or_default(), findings);
    unique::machine_name_not_unique(machines, findings);
    identifier::machines(machines, findings);
    renamed::machines(machines, findings);
    finish::all(machines, findings);
    for machine in machines {
        let n_errors = findings.n_errors();
        check_machine(machine, queues, findings);
        machine.is_sound &= findings.n_errors() == n_errors;
    }
}

fn check_machine(machine: &Machine, queues: Option<&[Queue]>, findings: &mut Findings) {
    let scope = Scope::of(machine);
    name::machine(machine, findings);
    retry::all(&machine.retry, findings);
    portability::machine(machine, findings);
    if let Some(queues) = queues {
        queue::unknown_queue(queues, machine, findings);
    }
    identifier::context_fields(machine, findings);
    identifier::states(machine, findings);
    value::machine(machine, findings);
    renamed::states(machine, findings);
    unique::state_name_not_unique(machine, findings);
    unique::transition_name_not_unique(&scope, findings);
    graph::initial_state(&scope, findings);
    graph::machine_has_no_final_state(machine, findings);
    portability::countdown(&machine.countdown, findings);
    for state in &machine.states {
        check_state(&scope, state, findings);
    }
}

fn check_state(scope: &Scope<'_>, state: &State, findings: &mut Findings) {
    name::state(state, findings);
    action::state_action_required(state, findings);
    action::invalid_continuation_interface(state, findings);
    failure::invalid_on_failure(scope, state, findings);
    fan_in::invalid_fan_in_group(state, findings);
    fan_in::fan_in_continuation_not_supported(state, findings);
    unsupported::exit(state, findings);
    identifier::events(state, findings);
    renamed::events(state, findings);
    portability::state(state, findings);
    for transition in &state.transitions {
        name::transition(state, transition, findings);
        retry::all(&transition.retry, findings);
        portability::transition(transition, findings);
        graph::transition_to(scope, transition, findings);
        unsupported::transition(scope, state, transition, findings);
    }
}

/// A machine and its states by name.
struct Scope<'a> {
    machine: &'a Machine,
    states: BTreeMap<&'a str, &'a State>,
    /// Whether the name of every state could be read and is its own, so that a name which is not among them is the name of no state.
    is_complete: bool,
}

impl<'a> Scope<'a> {
    fn of(machine: &'a Machine) -> Self {
        let mut states = BTreeMap::new();
        let mut is_complete = machine.has_all_states;
        for state in &machine.states {
            match state.name.given() {
                Some(name) => {
                    let first = *states.entry(name.value.as_str()).or_insert(state);
                    // One of two should have another name, which transitions may have already.
                    is_complete &= std::ptr::eq(first, state);
                }
                None => is_complete = false,
            }
        }
        Self { machine, states, is_complete }
    }

    /// Whether the state is the one that its name stands for, and not a second one of the same name.
    fn is_first(&self, state: &State) -> bool {
        state
            .name
            .given()
            .is_none_or(|name| self.states.get(name.value.as_str()).is_some_and(|first| std::ptr::eq(*first, state)))
    }

    fn target(&self, transition: &Transition) -> Option<&'a State> {
        self.states.get(transition.to.given()?.value.as_str()).copied()
    }
}
