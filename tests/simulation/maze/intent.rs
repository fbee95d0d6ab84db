//! What user code set out to do in one attempt: what the model believes, whatever the engine makes of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fantasm::{
    MachineDescriptor, TaskId, TaskKey,
    store::{Headers, Task},
};

/// The attempts that a process works on at present.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots(Arc<Mutex<BTreeMap<TaskKey, Intent>>>);

/// What one attempt came to, as user code sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Intent {
    /// The task as it was claimed.
    pub(crate) task: Option<Task>,
    pub(crate) ending: Ending,
    /// The instances it asked for.
    pub(crate) births: Vec<Birth>,
    /// The queue it chose for what follows.
    pub(crate) queue: Option<String>,
    /// The lines it logged.
    pub(crate) log: Vec<String>,
    /// The token of the page after its own.
    pub(crate) next_page: Option<String>,
    /// The contexts that it was handed by a fan-in.
    pub(crate) batch: Option<Vec<String>>,
    /// The numbers that its SQL writes into the table of effects.
    pub(crate) effects: Vec<i64>,
    /// Whether the last of its statements cannot succeed.
    pub(crate) is_doomed: bool,
    /// The header that it has read, if it has looked.
    pub(crate) trail: Option<Option<String>>,
}

/// How user code ended.
#[derive(Debug, Clone, Default)]
pub(crate) enum Ending {
    /// Nothing was run, or only hooks were.
    #[default]
    Passed,
    /// It emitted an event, followed by these contexts: its own, then those of its forks.
    Emitted { event: &'static str, contexts: Vec<String> },
    /// It answered nothing.
    Ended { context: String },
    /// There was nothing to do on the page.
    Skipped,
    /// It ended the instance.
    Halted,
    /// It failed, panicked or hung.
    Failed { is_permanent: bool },
}

/// An instance that user code asked for.
#[derive(Debug, Clone)]
pub(crate) struct Birth {
    pub(crate) machine: &'static MachineDescriptor,
    pub(crate) context: String,
    pub(crate) key: Option<String>,
    pub(crate) delay: u64,
}

/// What somebody asked for who starts an instance, besides its context and key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) headers: Headers,
    pub(crate) queue: Option<String>,
    pub(crate) delay: u64,
    /// How many instances are to follow its end, besides the one that its machine names.
    pub(crate) n_then: usize,
}

/// Why an instance ends that user code has halted.
pub(crate) const REASON: &str = "the walker has had enough";

/// The header that user code reads.
pub(crate) const TRAIL: &str = "trail";

impl Slots {
    /// A new attempt begins. What goes on in another state has another key from then on.
    pub(crate) fn begin(&self, task: &Task) {
        let mut intents = self.intents();
        intents.retain(|_, intent| intent.task.as_ref().is_some_and(|other| other.id != task.id));
        intents.insert(task.key, Intent { task: Some(task.clone()), ..Intent::default() });
    }

    /// Notes something about the attempt at the task of that key.
    pub(crate) fn with<T>(&self, key: TaskKey, note: impl FnOnce(&mut Intent) -> T) -> T {
        note(self.intents().entry(key).or_default())
    }

    /// What the attempt at the task of that number has come to so far.
    pub(crate) fn of(&self, task: TaskId) -> Intent {
        let is_it = |intent: &&Intent| intent.task.as_ref().is_some_and(|claimed| claimed.id == task);
        self.intents().values().find(is_it).cloned().unwrap_or_default()
    }

    fn intents(&self) -> MutexGuard<'_, BTreeMap<TaskKey, Intent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
