//! A worker that takes one task at a time, on a clock that is moved.

use std::{sync::Arc, time::Duration};

use crate::{
    client::Client,
    clock::ManualClock,
    id::InstanceId,
    registry::Registration,
    store::{Store, StoreError},
    worker::Stepper,
};

/// A worker that runs one task at a time, in the order in which they are due, and moves the clock itself when nothing
/// is due: days of waiting take no time, and every run of a test is the same.
///
/// ```
/// # async fn example() -> fantasm::Result<()> {
/// use std::sync::Arc;
/// use fantasm::{store::MemoryStore, testing::{ManualClock, StepWorker}};
///
/// let clock = Arc::new(ManualClock::new());
/// let store = MemoryStore::with_clock(clock.clone());
/// let mut worker = StepWorker::new(store, clock).machines(&[/* machines::all() */]);
/// worker.run_until_idle().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct StepWorker(Stepper);

impl StepWorker {
    /// A worker on that store, whose clock it shares.
    pub fn new(store: impl Store, clock: Arc<ManualClock>) -> Self {
        Self(Stepper::new(Arc::new(store), clock))
    }

    /// Runs these machines.
    #[must_use]
    pub fn machines(mut self, machines: &'static [Registration]) -> Self {
        for machine in machines {
            self.0.shared.registry.add(machine);
        }
        self
    }

    /// Lends this value to every action that takes an argument of type `&T`.
    #[must_use]
    pub fn service<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.0.shared.services.insert(service);
        self
    }

    /// Removes instances that ended so long ago, as a [worker](crate::WorkerBuilder::retention) does by itself; this one only
    /// when it is told to, because then it is never idle: the next sweep is always to come.
    #[must_use]
    pub fn retention(mut self, keep: Duration) -> Self {
        self.0.shared.keep_for(keep);
        self
    }

    /// A client of the same store.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::of_store(Arc::clone(&self.0.shared.store))
    }

    /// Keeps the history of all instances, whatever `history` their machines have.
    pub(super) fn keeping_history(mut self) -> Self {
        self.0.shared.keeps_all_history = true;
        self
    }

    /// The instances that it has run tasks of.
    pub(super) fn ran(&self) -> impl Iterator<Item = InstanceId> {
        self.0.ran.iter().copied()
    }

    /// Runs the next task that is due now; answers whether there was one.
    ///
    /// # Errors
    /// The store's. The worker is then to be dropped: like one that crashed, it leaves its task to the next.
    pub async fn step_due(&mut self) -> Result<bool, StoreError> {
        self.0.step_due().await
    }

    /// Runs the next task, moving the clock to its due time; answers whether there was one.
    ///
    /// # Errors
    /// As [`StepWorker::step_due`]; and when the task names a state or an event that the worker's machines do not have.
    pub async fn step(&mut self) -> Result<bool, StoreError> {
        self.0.step().await
    }

    /// Runs tasks until there are none, due or not.
    ///
    /// # Errors
    /// As [`StepWorker::step_due`].
    pub async fn run_until_idle(&mut self) -> Result<(), StoreError> {
        while self.step().await? {}
        Ok(())
    }
}
