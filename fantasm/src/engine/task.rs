//! Tasks: the durable unit of work.

use jiff::Timestamp;

use crate::{
    headers::Headers,
    id::{InstanceId, TaskId, TaskKey, WindowId},
};

/// A durable unit of work: move one branch of an instance along one hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its number in the store.
    pub id: TaskId,
    /// The instance it belongs to.
    pub instance: InstanceId,
    /// The machine of that instance.
    pub machine: String,
    /// Its deterministic key.
    pub key: TaskKey,
    /// The way it leads.
    pub hop: Hop,
    /// The queue it waits in.
    pub queue: String,
    /// The label that a worker must have to run it; any worker may where there is none.
    pub target: Option<String>,
    /// What travels with its instance.
    pub headers: Headers,
    /// The branch's context as JSON; empty for a fan-in window's task, whose contexts are its packages.
    pub context: String,
    /// The continuation token as JSON; `None` asks for the first page.
    pub token: Option<String>,
    /// The fan-in window whose packages it is to drain.
    pub window: Option<WindowId>,
    /// The queue that user code chose for what follows, in the place of the transitions' own.
    pub queue_override: Option<String>,
    /// The failure that led here, where a state names another for its failures.
    pub cause: Option<String>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// How many workers in a row have died with it, or fallen silent: since it was made, or since an attempt had an end.
    pub n_crashes: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The way a task leads: states and events by name, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// Into the initial state.
    Start {
        /// The initial state.
        to: String,
    },
    /// From state to state, by an event.
    Transition {
        /// The state that emitted the event.
        from: String,
        /// The event.
        event: String,
        /// The state it leads to.
        to: String,
    },
    /// From state to state without an event: after a failure.
    Jump {
        /// The state that failed.
        from: String,
        /// The state it names for that.
        to: String,
    },
    /// Out of a final state that has an exit, which is all that is left to run.
    Exit {
        /// The final state.
        from: String,
    },
}

impl Hop {
    /// The hop of three nullable columns, as stores keep it; `None` when they name no hop.
    #[must_use]
    pub fn from_columns(from: Option<String>, event: Option<String>, to: Option<String>) -> Option<Self> {
        match (from, event, to) {
            (None, None, Some(to)) => Some(Self::Start { to }),
            (Some(from), Some(event), Some(to)) => Some(Self::Transition { from, event, to }),
            (Some(from), None, Some(to)) => Some(Self::Jump { from, to }),
            (Some(from), None, None) => Some(Self::Exit { from }),
            _ => None,
        }
    }

    /// The way of a task that begins anew in another state, without an event.
    #[must_use]
    pub fn jump(&self, to: &str) -> Self {
        let from = self.to().or(self.from()).unwrap_or_default();
        Self::Jump { from: from.to_owned(), to: to.to_owned() }
    }

    /// The state it leads out of.
    #[must_use]
    pub fn from(&self) -> Option<&str> {
        match self {
            Self::Start { .. } => None,
            Self::Transition { from, .. } | Self::Jump { from, .. } | Self::Exit { from } => Some(from),
        }
    }

    /// The event that selected it.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        match self {
            Self::Transition { event, .. } => Some(event),
            Self::Start { .. } | Self::Jump { .. } | Self::Exit { .. } => None,
        }
    }

    /// The state it leads into.
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        match self {
            Self::Start { to } | Self::Transition { to, .. } | Self::Jump { to, .. } => Some(to),
            Self::Exit { .. } => None,
        }
    }
}
