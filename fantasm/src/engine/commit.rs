//! Every write that one task may cause, as a value.

use std::time::Duration;

use crate::{engine::task::Hop, id::TaskKey};

/// All that one attempt at a task does to the store, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commit {
    /// The task is done: it goes away with the packages it drained, and `next` comes instead.
    Done {
        /// How the branch goes on, and the forks beside it; empty when the branch ends here.
        next: Vec<Next>,
        /// The branch's context as JSON; the one of the branch that ends last is kept as the instance's result.
        context: String,
    },
    /// The task is tried again.
    Retry {
        /// How long it waits before.
        delay: Duration,
        /// What went wrong.
        error: String,
    },
    /// The task is given up and kept with its error; its branch no longer counts as live.
    Fail {
        /// What went wrong.
        error: String,
    },
    /// The instance ends here, whatever other branches it has: their tasks and packages go away.
    Halt {
        /// Why.
        reason: String,
    },
}

/// One way a branch goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// By a task of its own.
    Task(NewTask),
    /// By joining a fan-in window.
    Package(NewPackage),
}

impl From<NewTask> for Next {
    fn from(task: NewTask) -> Self {
        Self::Task(task)
    }
}

impl From<NewPackage> for Next {
    fn from(package: NewPackage) -> Self {
        Self::Package(package)
    }
}

/// A task to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// Its deterministic key.
    pub key: TaskKey,
    /// The way it leads.
    pub hop: Hop,
    /// The queue it waits in.
    pub queue: String,
    /// The branch's context as JSON.
    pub context: String,
    /// The continuation token as JSON.
    pub token: Option<String>,
    /// How long it waits before it may run.
    pub delay: Duration,
}

/// A context that joins the open window of its instance, hop and group, or opens one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPackage {
    /// The key of the task that drains the window, should this package open it.
    pub window_key: TaskKey,
    /// The hop into the fan-in state.
    pub hop: Hop,
    /// The value that parts contexts into windows.
    pub group: Option<String>,
    /// The queue of the window's task.
    pub queue: String,
    /// The context as JSON.
    pub context: String,
    /// How long the window stays open, from its first package on.
    pub period: Duration,
}

/// An instance to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstance {
    /// The machine.
    pub machine: String,
    /// Makes starting idempotent: of two instances of a machine with one key only the first is started.
    pub key: Option<String>,
    /// The context it starts with, as JSON.
    pub context: String,
    /// Its first task, or first package when the initial state is a fan-in.
    pub first: Next,
}
