//! A hop's names looked up in the machine that this program was built with.

use crate::{
    engine::task::Hop,
    machine::{MachineDescriptor, StateDescriptor, TransitionDescriptor},
    retry::RetryPolicy,
};

/// A hop whose states and transition this program knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'m> {
    pub(crate) machine: &'m MachineDescriptor,
    /// Index and table of the state it leads out of.
    pub(crate) from: Option<(usize, &'m StateDescriptor)>,
    pub(crate) transition: Option<&'m TransitionDescriptor>,
    /// Index and table of the state it leads into.
    pub(crate) to: Option<(usize, &'m StateDescriptor)>,
}

/// A stored task names a state or event that this program's machine no longer has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("machine `{machine}` of this program has no {what} `{name}`; run a worker built from an fsm.yaml that has it")]
pub(crate) struct UnknownName {
    machine: String,
    what: &'static str,
    name: String,
}

impl<'m> Path<'m> {
    /// Looks the names of `hop` up.
    pub(crate) fn resolve(machine: &'m MachineDescriptor, hop: &Hop) -> Result<Self, UnknownName> {
        let unknown = |what, name: &str| UnknownName { machine: machine.name.to_owned(), what, name: name.to_owned() };
        let state = |name: &str| {
            let find = |is_it: &dyn Fn(&StateDescriptor) -> bool| {
                machine.states.iter().enumerate().find(|(_, state)| is_it(state))
            };
            let found = find(&|state| state.name == name).or_else(|| find(&|state| state.renamed_from.contains(&name)));
            found.ok_or_else(|| unknown("state", name))
        };
        let from = hop.from().map(state).transpose()?;
        let to = hop.to().map(state).transpose()?;
        let transition = match (from, hop.event()) {
            (Some((_, from)), Some(event)) => Some(from.transition(event).ok_or_else(|| unknown("event", event))?),
            _ => None,
        };
        Ok(Self { machine, from, transition, to })
    }

    /// How a task on this path is retried: by its transition's policy, or by the machine's where there is none.
    pub(crate) fn retry(&self) -> &RetryPolicy {
        self.transition.map_or(&self.machine.retry, |transition| &transition.retry)
    }
}
