//! What user code set out to do in one attempt: what the model believes, whatever the engine makes of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fantasm::{MachineDescriptor, store::Task};

/// The attempt that a process works on at present; it works on one at a time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Intent>>);

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

impl Slot {
    /// A new attempt begins.
    pub(crate) fn begin(&self, task: &Task) {
        *self.intent() = Intent { task: Some(task.clone()), ..Intent::default() };
    }

    pub(crate) fn intent(&self) -> MutexGuard<'_, Intent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
