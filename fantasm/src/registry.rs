//! Machine and state → compiled actions, as the generated code registers them.

use std::collections::BTreeMap;

use crate::{
    erased::{AnyAction, AnyContinuation, Codec},
    machine::MachineDescriptor,
    services::{ServiceKey, Services},
};

/// A machine with its actions; the generated `machines::all()` gives one for each machine of fsm.yaml.
#[derive(Debug)]
#[non_exhaustive]
pub struct Registration {
    /// What the machine does.
    pub descriptor: &'static MachineDescriptor,
    pub(crate) codec: &'static dyn Codec,
    /// One entry for each state of the descriptor, in its order.
    pub(crate) states: &'static [StateActions],
}

impl Registration {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        descriptor: &'static MachineDescriptor,
        codec: &'static dyn Codec,
        states: &'static [StateActions],
    ) -> Self {
        assert!(descriptor.states.len() == states.len(), "every state has its actions");
        assert!(descriptor.is_sound(), "every index of a state names one");
        Self { descriptor, codec, states }
    }
}

/// The actions of one state.
#[derive(Debug, Clone, Copy)]
pub struct StateActions {
    pub(crate) action: Option<&'static dyn AnyAction>,
    pub(crate) continuation: Option<&'static dyn AnyContinuation>,
    pub(crate) entry: Option<&'static dyn AnyAction>,
    pub(crate) exit: Option<&'static dyn AnyAction>,
    /// The actions of the transitions that have one, by event.
    pub(crate) transitions: &'static [(&'static str, &'static dyn AnyAction)],
}

#[doc(hidden)]
impl StateActions {
    #[must_use]
    pub const fn new() -> Self {
        Self { action: None, continuation: None, entry: None, exit: None, transitions: &[] }
    }

    #[must_use]
    pub const fn action(self, action: &'static dyn AnyAction) -> Self {
        Self { action: Some(action), ..self }
    }

    #[must_use]
    pub const fn continuation(self, continuation: &'static dyn AnyContinuation) -> Self {
        Self { continuation: Some(continuation), ..self }
    }

    #[must_use]
    pub const fn entry(self, entry: &'static dyn AnyAction) -> Self {
        Self { entry: Some(entry), ..self }
    }

    #[must_use]
    pub const fn exit(self, exit: &'static dyn AnyAction) -> Self {
        Self { exit: Some(exit), ..self }
    }

    #[must_use]
    pub const fn transitions(self, transitions: &'static [(&'static str, &'static dyn AnyAction)]) -> Self {
        Self { transitions, ..self }
    }

    fn actions(&self) -> impl Iterator<Item = &'static dyn AnyAction> {
        let actions = [self.action, self.entry, self.exit].into_iter().flatten();
        actions.chain(self.transitions.iter().map(|(_, action)| *action))
    }

    fn services(&self) -> impl Iterator<Item = &'static ServiceKey> {
        let pages = self.continuation.iter().flat_map(|pages| pages.services());
        self.actions().flat_map(AnyAction::services).chain(pages)
    }
}

impl Default for StateActions {
    fn default() -> Self {
        Self::new()
    }
}

/// All the machines that a worker runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry(BTreeMap<&'static str, &'static Registration>);

impl Registry {
    /// Adds a machine; answers the one that already has its name.
    pub(crate) fn add(&mut self, registration: &'static Registration) -> Option<&'static Registration> {
        self.0.insert(registration.descriptor.name, registration)
    }

    /// Finds a machine by its name, or by one that it had before.
    pub(crate) fn get(&self, machine: &str) -> Option<&'static Registration> {
        let renamed = || self.0.values().find(|known| known.descriptor.renamed_from.contains(&machine));
        self.0.get(machine).or_else(renamed).copied()
    }

    /// The machines, by name.
    pub(crate) fn machines(&self) -> impl Iterator<Item = &'static MachineDescriptor> {
        self.0.values().map(|known| known.descriptor)
    }

    /// Every name that a task of these machines may be stored under.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let earlier = self.0.values().flat_map(|known| known.descriptor.renamed_from);
        self.0.keys().chain(earlier).copied().collect()
    }

    /// The first service that some action asks for and `services` lacks.
    pub(crate) fn missing_service(&self, services: &Services) -> Option<(&'static str, &'static ServiceKey)> {
        let asked = self.0.values().flat_map(|registration| {
            let name = registration.descriptor.name;
            registration.states.iter().flat_map(StateActions::services).map(move |key| (name, key))
        });
        asked.into_iter().find(|(_, key)| !services.has(key))
    }

    /// The first machine and state of which some action takes the step's transaction.
    pub(crate) fn transactional(&self) -> Option<(&'static str, &'static str)> {
        self.0.values().find_map(|Registration { descriptor, states, .. }| {
            let state = states.iter().position(|state| state.actions().any(AnyAction::is_transactional))?;
            Some((descriptor.name, descriptor.states[state].name))
        })
    }
}
