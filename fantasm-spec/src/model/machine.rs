//! One machine.

use std::ops::Index;

use super::{ContextField, MachineId, RetryPolicy, State, UnknownKeys};
use crate::literal::Literal;
use crate::logging::{LogLevel, Logging};
use crate::name::{ContextFieldName, MachineName};
use crate::path::{ModulePath, RustPath};
use crate::source::Place;

/// One state machine.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Machine {
    /// Its name, unique in the spec.
    pub name: MachineName,
    /// What the author says it is for, in one line.
    pub description: Option<String>,
    /// What the author has to say about it, at length.
    pub doc: Option<String>,
    /// When an instance starts by itself: the five fields of cron.
    pub schedule: Option<String>,
    /// Which of the tasks that are due goes first: from -100 to 100, a larger one does.
    pub priority: i8,
    /// The names it had before, by which instances may still be stored; the latest first.
    pub renamed_from: Vec<MachineName>,
    /// The machine that is started when an instance has ended.
    pub on_finish: Option<MachineId>,
    /// Whether every attempt at its tasks is kept.
    pub has_history: bool,
    /// Where single-word actions are looked up.
    pub namespace: Option<ModulePath>,
    /// The queue that its first task goes to.
    pub queue: String,
    /// The label of the workers that its first task waits for.
    pub target: Option<String>,
    /// The countdown as it was written. It counts only through the transitions that inherit it.
    pub countdown: Literal,
    /// The retry policy of its first task.
    pub retry: RetryPolicy,
    /// Whether log lines are stored.
    pub logging: Logging,
    /// The lowest level of those that are stored, where the author names one.
    pub log_level: Option<LogLevel>,
    /// Whether the author asked for the run-once semaphore. The runtime always runs a step once; the wish is without effect.
    pub use_run_once_semaphore: bool,
    /// The declared fields of the context, in file order.
    pub context_types: Vec<ContextField>,
    /// What becomes of keys of the context that are not declared.
    pub unknown_keys: UnknownKeys,
    /// The traits that the struct of the context derives beside those that it needs.
    pub derive: Vec<RustPath>,
    /// The values of the context that every start gives.
    pub starts_with: Vec<ContextFieldName>,
    /// Whether the end of an instance starts it, and so gives it what there is to tell of that one.
    pub is_started_by_an_end: bool,
    /// The states, in file order; [`StateId`]s count them.
    pub states: Vec<State>,
    /// The state that an instance starts in.
    pub initial: StateId,
    /// Where its name is written.
    pub place: Place,
}

impl Machine {
    /// Iterates over the states together with their ids.
    pub fn states_with_ids(&self) -> impl Iterator<Item = (StateId, &State)> {
        self.states.iter().enumerate().map(|(at, state)| (StateId(at), state))
    }
}

/// Gives the state of an id that this machine gave out.
impl Index<StateId> for Machine {
    type Output = State;

    fn index(&self, id: StateId) -> &State {
        &self.states[id.0]
    }
}

/// Names a state of one machine; an index into [`Machine::states`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub(crate) usize);

impl StateId {
    /// Returns the position in [`Machine::states`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}
