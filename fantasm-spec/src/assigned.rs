//! That values are set before they are read, as far as the file says who does. AFTER THIS POINT: no way to a state leaves out
//! what the state reads.
//!
//! A value is set by a start that gives it, by its default, or by a state that an event has left; the end of an instance is such a
//! start, where the file names the machine in an `on_finish`. What a way leaves out is found
//! by following the ways on which it is not set: from the initial state along every transition of a state that does not set it,
//! and along every failure, since a failed attempt leaves the context as it was; from there an instance may also be led by hand, to
//! the states that say so. A page enters its state with the context that
//! the state was entered with, and a fan-in goes on with the first context that came, so that both have what every way to the
//! state has set. Rounds need no care: a way that sets nothing is no longer for going round.

use std::collections::VecDeque;

use crate::code::Code;
use crate::diagnostic::Findings;
use crate::model::{Machine, State, StateId};
use crate::name::ContextFieldName;
use crate::record;
use crate::source::Place;

/// Judges a machine with which nothing is wrong by itself; what else is wrong in its file does not matter.
pub(crate) fn machine(machine: &Machine, findings: &mut Findings) {
    for (id, state) in machine.states_with_ids() {
        for (name, place) in &state.reads {
            unset_value(machine, id, name, place, findings);
        }
        unset_group(machine, id, state, findings);
    }
}

/// A value that is read has been set on every way.
fn unset_value(machine: &Machine, id: StateId, name: &ContextFieldName, place: &Place, findings: &mut Findings) {
    let Some(way) = way_without(machine, name, id) else { return };
    let state = &machine[id].name;
    let is_set = machine.states.iter().any(|state| state.sets.contains(name));
    let (message, help) = if is_told(machine, name, record::is_told) {
        (
            format!("state `{state}` reads `{name}`, which not every end of an instance gives"),
            format!("give it a default, such as `{name}: {{type: str, optional: true, default: null}}`"),
        )
    } else if is_set {
        (
            format!("state `{state}` reads `{name}`, which is not set {way}"),
            format!(
                "set it before (`sets: [{name}]`), give it a default, or say that every start gives it (`starts_with: [{name}]`)"
            ),
        )
    } else {
        (
            format!("state `{state}` reads `{name}`, which nothing sets"),
            format!(
                "say which state sets it (`sets: [{name}]`), that every start gives it (`starts_with: [{name}]`), or give it a default"
            ),
        )
    };
    findings.report(Code::UnsetValue, place.span, message).help(help);
}

/// Whether a value is filled from the instance whose end starts the machine.
fn is_told(machine: &Machine, name: &ContextFieldName, is_told: fn(&str) -> bool) -> bool {
    machine.is_started_by_an_end && is_told(name.as_str())
}

/// The group of a fan-in is read too, where the file says who sets it.
fn unset_group(machine: &Machine, id: StateId, state: &State, findings: &mut Findings) {
    let Some(fan_in) = &state.fan_in else { return };
    let Some(group) = &fan_in.group else { return };
    let is_set = machine.states.iter().any(|state| state.sets.contains(group));
    if !is_set || state.reads.iter().any(|(name, _)| name == group) {
        return;
    }
    if let Some(way) = way_without(machine, group, id) {
        let message = format!("state `{}` gathers by `{group}`, which is not set {way}", state.name);
        findings.report(Code::UnsetValue, fan_in.place.span, message).help(format!(
            "set it before (`sets: [{group}]`), or say that every start gives it (`starts_with: [{group}]`)"
        ));
    }
}

/// A shortest way from a start to a state on which nothing sets a value, in words; none, when every way does.
fn way_without(machine: &Machine, name: &ContextFieldName, to: StateId) -> Option<String> {
    let has_default = machine.context_types.iter().any(|field| field.name == *name && field.default.is_some());
    if has_default || machine.starts_with.contains(name) || is_told(machine, name, record::is_always_told) {
        return None;
    }
    let mut came_from: Vec<Option<(StateId, bool)>> = vec![None; machine.states.len()];
    let mut seen = vec![false; machine.states.len()];
    seen[machine.initial.index()] = true;
    let mut waiting = VecDeque::from([machine.initial]);
    while let Some(id) = waiting.pop_front() {
        if id == to {
            return Some(words(machine, &came_from, to));
        }
        let state = &machine[id];
        let events = state.transitions.iter().map(|transition| (transition.to, false));
        let events = events.filter(|_| !state.sets.contains(name));
        // What has failed may be led by hand to a state that says so, and the first state may fail as any other.
        let by_hand = machine.states_with_ids().filter(|(_, state)| id == machine.initial && state.is_retried_from);
        let failures = state.on_failure.into_iter().chain(by_hand.map(|(id, _)| id)).map(|next| (next, true));
        for (next, is_failure) in events.chain(failures) {
            if !std::mem::replace(&mut seen[next.index()], true) {
                came_from[next.index()] = Some((id, is_failure));
                waiting.push_back(next);
            }
        }
    }
    None
}

/// `Load, Check, Report`, and `Load, which failed, Report`.
fn words(machine: &Machine, came_from: &[Option<(StateId, bool)>], to: StateId) -> String {
    let mut way = vec![format!("`{}`", machine[to].name)];
    let mut at = to;
    while let Some((before, is_failure)) = came_from[at.index()] {
        let failed = if is_failure { " (failed)" } else { "" };
        way.push(format!("`{}`{failed}", machine[before].name));
        at = before;
    }
    way.reverse();
    if way.len() == 1 { "at the start".to_owned() } else { format!("on the way {}", way.join(" → ")) }
}
