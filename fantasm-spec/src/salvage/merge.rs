//! Names of a file as it was, beside those of the file with errors; and of all of them those that can be named in Rust.

use std::collections::BTreeSet;
use std::mem;

use crate::model::{Machine, Spec, State, StateId};
use crate::name::{MachineName, RESERVED_STATE_IDENTS, StateName, UNKNOWN_KEYS_IDENT, cannot_be_raw, is_identifier};

use super::NAMELESS;

impl Spec {
    /// Adds what another has under names that this one does not have: machines, states, events and values of the context.
    ///
    /// For what was [salvaged](crate::salvage()) of a file that has errors, from the file as it was without.
    pub fn add_names(&mut self, other: Self) {
        let before = self.pair(other.machines);
        self.machines.retain(|machine| !machine.name.as_str().starts_with(NAMELESS));
        self.machines.extend(before);
        keep_names(self);
    }

    /// Gives machines of before that are gone what machines have today that are new, where there are as many of these: the name
    /// of each is what is wrong, or has changed beside what is wrong, and code may have the one or the other.
    fn pair(&self, mut before: Vec<Machine>) -> Vec<Machine> {
        let has = |machines: &[Machine], name: &MachineName| machines.iter().any(|machine| machine.name == *name);
        let new = self.machines.iter().filter(|own| !has(&before, &own.name)).cloned().collect::<Vec<_>>();
        let gone = before.iter_mut().filter(|machine| !has(&self.machines, &machine.name)).collect::<Vec<_>>();
        if gone.len() == new.len() {
            for (machine, new) in gone.into_iter().zip(new) {
                let name = machine.name.clone();
                let before = mem::replace(machine, Machine { name, ..new });
                add_names_of_machine(machine, before);
            }
        }
        before
    }
}

fn add_names_of_machine(own: &mut Machine, other: Machine) {
    for field in other.context_types {
        match own.context_types.iter_mut().find(|own| own.name == field.name) {
            Some(own) if !own.has_readable_type => *own = field,
            Some(_) => {}
            None => own.context_types.push(field),
        }
    }
    for state in pair_states(&own.states, other.states) {
        match own.states.iter_mut().find(|own| own.name == state.name) {
            Some(own) => own.transitions.extend(state.transitions),
            None => own.states.push(state),
        }
    }
}

/// Gives states of before that are gone the events of those that are new, as it is done with machines.
fn pair_states(own: &[State], mut before: Vec<State>) -> Vec<State> {
    let has = |states: &[State], name: &StateName| states.iter().any(|state| state.name == *name);
    let new = own.iter().filter(|own| !has(&before, &own.name)).cloned().collect::<Vec<_>>();
    let gone = before.iter_mut().filter(|state| !has(own, &state.name)).collect::<Vec<_>>();
    if gone.len() == new.len() {
        for (state, new) in gone.into_iter().zip(new) {
            state.transitions.extend(new.transitions);
        }
    }
    before
}

/// Keeps what has a name of its own; machines of one name are one machine with all that they have.
pub(super) fn keep_names(spec: &mut Spec) {
    let mut machines = Vec::<Machine>::new();
    for machine in mem::take(&mut spec.machines) {
        match machines.iter_mut().find(|own| own.name == machine.name) {
            Some(own) => add_names_of_machine(own, machine),
            None => machines.push(machine),
        }
    }
    spec.machines = machines;
    let mut names = Names::default();
    spec.machines.retain(|machine| names.take(&[machine.name.type_ident(), machine.name.module_ident()]));
    spec.machines.iter_mut().for_each(keep_names_of_machine);
}

fn keep_names_of_machine(machine: &mut Machine) {
    let mut names = Names(BTreeSet::from([UNKNOWN_KEYS_IDENT.to_owned()]));
    machine.context_types.retain(|field| names.take(&[field.name.field_ident()]));
    let mut names = Names(RESERVED_STATE_IDENTS.map(str::to_owned).into());
    machine.states.retain(|state| names.take(&[state.name.type_ident()]));
    machine.initial = StateId(0);
    machine.on_finish = None;
    machine.states.iter_mut().for_each(keep_names_of_state);
}

fn keep_names_of_state(state: &mut State) {
    let mut names = Names::default();
    state.transitions.retain(|transition| names.take(&[transition.event.type_ident()]));
    // A state that was left out has shifted the others.
    state.transitions.iter_mut().for_each(|transition| transition.to = StateId(0));
    state.on_failure = None;
}

/// The identifiers that are taken.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// Takes identifiers unless they are none, or taken.
    fn take(&mut self, idents: &[String]) -> bool {
        let is_free =
            idents.iter().all(|ident| is_identifier(ident) && !cannot_be_raw(ident) && !self.0.contains(ident));
        let is_own = idents.iter().collect::<BTreeSet<_>>().len() == idents.len();
        if is_free && is_own {
            self.0.extend(idents.iter().cloned());
        }
        is_free && is_own
    }
}
