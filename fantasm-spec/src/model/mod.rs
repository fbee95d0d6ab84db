//! What is true of the machines, once everything written has been read, checked and completed.
//!
//! The model is total: ids instead of names, every default filled in, every inheritance done. An `Option` in it is a real
//! choice of the author, never something that a check has excluded. All records are `#[non_exhaustive]`, with public fields:
//! they are read by everyone and built only here.

mod context;
mod machine;
mod queue;
mod state;
mod transition;

use std::ops::Index;

pub use self::context::{ContextField, ContextType, UnknownKeys};
pub use self::machine::{Machine, StateId};
pub use self::queue::{Queue, Rate};
pub use self::state::{FanIn, State};
pub use self::transition::{Countdown, RetryPolicy, Transition};

/// All machines of one root file and its imports, checked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spec {
    /// The path below which the machines are reached over HTTP; ends in a slash.
    pub root_url: String,
    /// The machines, in file order; those of an import stand where it is imported.
    pub machines: Vec<Machine>,
    /// The queues that the root file lists, in file order; a queue that it does not list has no limits.
    pub queues: Vec<Queue>,
    /// The path of every file that was read, the root first: what a build has to watch.
    pub files: Vec<String>,
}

/// Gives the machine of an id that this spec gave out.
impl Index<MachineId> for Spec {
    type Output = Machine;

    fn index(&self, id: MachineId) -> &Machine {
        &self.machines[id.0]
    }
}

/// Names a machine of one spec; an index into [`Spec::machines`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MachineId(pub(crate) usize);

impl MachineId {
    /// Returns the position in [`Spec::machines`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}
