//! A store that fails as a test wants it to.

use std::{
    fmt,
    future::Future,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use fantasm::{
    InstanceId, TaskId, WorkerId,
    store::{
        Claim, Claiming, Commit, Instance, Lease, LogEntry, NewInstance, NewTask, Notifier, Place, Started, Step,
        Store, StoreError, StoreErrorKind, StoreFuture, Verdict,
    },
};

use crate::{Crash, Gate};

/// A call that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// [`Store::start`]
    Start,
    /// [`Store::register`]
    Register,
    /// [`Store::renew`]
    Renew,
    /// [`Store::claim`]
    Claim,
    /// [`Store::advance`]
    Advance,
    /// [`Store::seal`]
    Seal,
    /// [`Store::commit`]
    Commit,
    /// [`Store::release`]
    Release,
    /// [`Store::retire`]
    Retire,
    /// [`Store::cancel`].
    Cancel,
    /// [`Store::retry`].
    Retry,
    /// [`Store::set_paused`].
    SetPaused,
    /// [`Store::purge`].
    Purge,
}

/// Says which calls are answered with an error, instead of reaching the store.
type Script = Box<dyn Fn(Call) -> Option<StoreError> + Send + Sync>;

/// One process's connection to a store that others share. Once it has crashed every call fails, as nobody would be there
/// to make it.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
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

impl FaultyStore {
    /// A process that dies as `crash` says.
    pub fn new(inner: Arc<dyn Store>, crash: Crash, journal: Journal) -> Self {
        Self {
            inner,
            crash,
            script: None,
            journal,
            gate: None,
            n_writes: AtomicU64::new(0),
            is_dead: AtomicBool::new(false),
        }
    }

    /// A process that lives, whose calls fail as `script` says.
    pub fn scripted(
        inner: Arc<dyn Store>,
        journal: Journal,
        script: impl Fn(Call) -> Option<StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self { script: Some(Box::new(script)), ..Self::new(inner, Crash::Never, journal) }
    }

    /// Waits at the gate before every call.
    #[must_use]
    pub fn gated(self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Makes a call that writes.
    fn write<'a, T: Send + 'a>(
        &'a self,
        kind: Call,
        call: impl FnOnce(&'a dyn Store) -> StoreFuture<'a, T> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            self.pass().await?;
            if let Some(error) = self.script.as_ref().and_then(|script| script(kind)) {
                return Err(error);
            }
            let n = self.n_writes.fetch_add(1, Ordering::Relaxed) + 1;
            self.journal.entries().n_writes += 1;
            if self.crash == Crash::Before(n) {
                return Err(self.die());
            }
            let answer = call(&*self.inner).await;
            let is_lost = answer.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::LeaseLost);
            if kind == Call::Commit && is_lost {
                self.journal.entries().n_refused_commits += 1;
            }
            if self.crash == Crash::After(n) { Err(self.die()) } else { answer }
        })
    }

    /// Makes a call that only reads.
    fn read<'a, T: Send + 'a>(
        &'a self,
        call: impl FnOnce(&'a dyn Store) -> StoreFuture<'a, T> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            self.pass().await?;
            call(&*self.inner).await
        })
    }

    async fn pass(&self) -> Result<(), StoreError> {
        if self.is_dead.load(Ordering::Relaxed) {
            return Err(crashed());
        }
        if let Some(gate) = &self.gate {
            gate.pass().await;
        }
        Ok(())
    }

    fn die(&self) -> StoreError {
        self.is_dead.store(true, Ordering::Relaxed);
        crashed()
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("inner", &self.inner).field("crash", &self.crash).finish_non_exhaustive()
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

    async fn recorded(
        &self,
        lease: Lease,
        commit: Commit,
        call: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        call.await?;
        self.entries().commits.push((lease.task, commit));
        Ok(())
    }
}

/// An error that nobody tries again after.
fn crashed() -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "the process has crashed, as the test wants it")
}

impl Store for FaultyStore {
    fn has_sql(&self) -> bool {
        self.inner.has_sql()
    }

    fn start(&self, instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        self.write(Call::Start, move |store| store.start(instances))
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.write(Call::Register, move |store| store.register(worker, lease))
    }

    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.write(Call::Renew, move |store| store.renew(worker, lease))
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        self.write(Call::Claim, move |store| store.claim(claiming))
    }

    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<jiff::Timestamp>> {
        self.read(move |store| store.next_due(claiming))
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        self.write(Call::Advance, move |store| store.advance(lease, next))
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        self.write(Call::Seal, move |store| store.seal(lease))
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        self.write(Call::Commit, move |store| {
            Box::pin(self.journal.recorded(lease, commit.clone(), store.commit(lease, commit)))
        })
    }

    fn release(&self, lease: Lease, delay: Duration) -> StoreFuture<'_, ()> {
        self.write(Call::Release, move |store| store.release(lease, delay))
    }

    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()> {
        self.write(Call::Retire, move |store| store.retire(worker))
    }

    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool> {
        self.write(Call::Cancel, move |store| store.cancel(id))
    }

    fn retry(&self, id: InstanceId, into: Option<String>) -> StoreFuture<'_, u64> {
        self.write(Call::Retry, move |store| store.retry(id, into))
    }

    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool> {
        self.write(Call::SetPaused, move |store| store.set_instance_paused(id, is_paused))
    }

    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()> {
        self.write(Call::SetPaused, move |store| store.set_paused(queue, is_paused))
    }

    fn paused(&self) -> StoreFuture<'_, Vec<String>> {
        self.read(|store| store.paused())
    }

    fn purge(&self, ended_before: jiff::Timestamp, limit: NonZeroU32) -> StoreFuture<'_, u64> {
        self.write(Call::Purge, move |store| store.purge(ended_before, limit))
    }

    fn history(&self, id: InstanceId) -> StoreFuture<'_, Vec<Step>> {
        self.read(move |store| store.history(id))
    }

    fn log(&self, id: InstanceId) -> StoreFuture<'_, Vec<LogEntry>> {
        self.read(move |store| store.log(id))
    }

    fn places(&self) -> StoreFuture<'_, Vec<Place>> {
        self.read(|store| store.places())
    }

    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>> {
        self.read(move |store| store.instance(id))
    }

    fn find(&self, machine: String, key: String) -> StoreFuture<'_, Option<InstanceId>> {
        self.read(move |store| store.find(machine, key))
    }

    fn notifier(&self) -> &Notifier {
        self.inner.notifier()
    }
}
