//! A state that asks for an action, as the checks that the compiler runs see it.

use crate::{answer::Event, machine::MachineDescriptor};

/// A state, and what it asks of its action.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    pub(crate) state: &'static str,
    /// The events that it has transitions for.
    pub(crate) events: &'static [&'static str],
    /// Where fsm.yaml names its action.
    pub(crate) place: &'static str,
    /// Whether the action may answer nothing.
    pub(crate) may_end: bool,
    /// Its machine; of a state that asks first, the check knows it.
    pub(crate) machine: Option<&'static MachineDescriptor>,
    /// The state before it in fsm.yaml that names the same action: what is wrong for both is told for the first one.
    pub(crate) before: Option<&'static Self>,
}

impl Asking {
    /// The state whose events these are.
    #[must_use]
    pub const fn of<E: Event>(may_end: bool) -> Self {
        Self { state: E::STATE, events: E::NAMES, place: E::PLACE, may_end, machine: None, before: E::BEFORE }
    }

    /// The same state, of this machine.
    #[must_use]
    pub const fn in_machine(mut self, machine: &'static MachineDescriptor) -> Self {
        self.machine = Some(machine);
        self
    }
}
