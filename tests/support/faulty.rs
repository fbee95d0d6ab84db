//! One process of several on a store: it dies, is refused and waits as a test wants it, and what takes effect is noted.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use fantasm::{
    BoxFuture, TaskId,
    store::{Commit, Lease, Store, StoreError, StoreErrorKind, StoreFuture, Verdict},
    testing::{Call, Crash, Faults, FaultyStore},
};

use crate::{Gate, Layer, Layered};

/// Says which calls that write are answered with an error, instead of reaching the store.
type Script = Box<dyn Fn(Call) -> Option<StoreError> + Send + Sync>;

/// A process to be put [on](Process::on) a store. Once it has crashed every call fails, as nobody would be there to make it.
pub struct Process {
    crash: Crash,
    script: Option<Script>,
    journal: Journal,
    gate: Option<Gate>,
    n_writes: AtomicU64,
    is_dead: AtomicBool,
}

/// What took effect in a store, over all processes that share the journal.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    commits: Vec<(TaskId, Commit)>,
    n_writes: u64,
    n_refused_commits: u64,
}

impl Process {
    /// A process that dies as `crash` says.
    #[must_use]
    pub fn dying(crash: Crash, journal: Journal) -> Self {
        let (n_writes, is_dead) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { crash, script: None, journal, gate: None, n_writes, is_dead }
    }

    /// A process that lives, whose calls fail as `script` says.
    pub fn scripted(journal: Journal, script: impl Fn(Call) -> Option<StoreError> + Send + Sync + 'static) -> Self {
        Self { script: Some(Box::new(script)), ..Self::dying(Crash::Never, journal) }
    }

    /// Waits at the gate before every call.
    #[must_use]
    pub fn gated(self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Its connection to a store that others share.
    pub fn on(self, store: Arc<dyn Store>) -> FaultyStore<Self> {
        let journaled = Journaled { below: store, journal: self.journal.clone() };
        FaultyStore::new(Arc::new(Layered(journaled)), self)
    }

    fn die(&self) -> StoreError {
        self.is_dead.store(true, Ordering::Relaxed);
        crashed()
    }
}

impl Faults for Process {
    fn before(&self, call: Call) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            if self.is_dead.load(Ordering::Relaxed) {
                return Err(crashed());
            }
            if let Some(gate) = &self.gate {
                gate.pass().await;
            }
            if !call.is_write() {
                return Ok(());
            }
            if let Some(error) = self.script.as_ref().and_then(|script| script(call)) {
                return Err(error);
            }
            let n = self.n_writes.fetch_add(1, Ordering::Relaxed) + 1;
            self.journal.entries().n_writes += 1;
            if self.crash == Crash::Before(n) { Err(self.die()) } else { Ok(()) }
        })
    }

    fn after(&self, call: Call, _: Option<&StoreError>) -> Result<(), StoreError> {
        let is_time = call.is_write() && self.crash == Crash::After(self.n_writes.load(Ordering::Relaxed));
        if is_time { Err(self.die()) } else { Ok(()) }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("crash", &self.crash).finish_non_exhaustive()
    }
}

/// Notes the commits that take effect in the store below, and those that it refuses.
#[derive(Debug)]
struct Journaled {
    below: Arc<dyn Store>,
    journal: Journal,
}

impl Layer for Journaled {
    fn below(&self) -> &dyn Store {
        &*self.below
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let answer = self.below.commit(lease, commit.clone()).await;
            let mut entries = self.journal.entries();
            match &answer {
                Ok(()) => entries.commits.push((lease.task, commit)),
                Err(error) => {
                    entries.n_refused_commits += u64::from(error.kind() == StoreErrorKind::LeaseLost);
                }
            }
            answer
        })
    }
}

impl Journal {
    /// How many calls that write were made.
    #[must_use]
    pub fn n_writes(&self) -> u64 {
        self.entries().n_writes
    }

    /// How many commits were refused because their lease was lost.
    #[must_use]
    pub fn n_refused_commits(&self) -> u64 {
        self.entries().n_refused_commits
    }

    /// The tasks that were done, in the order of their commits.
    #[must_use]
    pub fn done(&self) -> Vec<TaskId> {
        let is_done =
            |(task, commit): &(TaskId, Commit)| matches!(commit.verdict, Verdict::Done { .. }).then_some(*task);
        self.entries().commits.iter().filter_map(is_done).collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error that nobody tries again after.
fn crashed() -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "the process has crashed, as the test wants it")
}
