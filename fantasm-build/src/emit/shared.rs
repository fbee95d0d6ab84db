//! Which actions several states share.

use std::collections::BTreeMap;

use fantasm_spec::{Spec, State};

/// How many states name an action.
#[derive(Debug, Default)]
pub(super) struct Shared(BTreeMap<String, usize>);

impl Shared {
    pub(super) fn of(spec: &Spec) -> Self {
        let mut counts = BTreeMap::new();
        let states = spec.machines.iter().flat_map(|machine| &machine.states);
        for action in states.filter_map(|state| state.action.as_ref()) {
            *counts.entry(action.to_string()).or_default() += 1;
        }
        Self(counts)
    }

    /// Why code need not construct the events of a state; rustc says of every other event that nothing emits it.
    ///
    /// An action that several states name, or that comes from another crate, cannot answer the enum of one of them: it has a list
    /// of its own, which is compared with the state's by another check.
    pub(super) fn reason_for_no_event(&self, state: &State) -> Option<&'static str> {
        let Some(action) = &state.action else { return Some("the state has no action") };
        let is_shared = action.is_absolute || self.0.get(&action.to_string()).is_some_and(|count| *count > 1);
        is_shared.then_some("the action is shared and has events of its own")
    }
}
