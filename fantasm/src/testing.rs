//! Tests of your machines: a worker on a clock that you move, run until nothing is left to do.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

pub use crate::clock::ManualClock;
use crate::{
    client::Client,
    clock::Clock,
    id::WorkerId,
    registry::{Registration, Registry},
    services::Services,
    store::{Claiming, Store, StoreError, StoreErrorKind},
    worker::{Dispatched, Shared, dispatch},
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
pub struct StepWorker {
    shared: Shared,
    clock: Arc<ManualClock>,
    lease: Duration,
    id: Option<WorkerId>,
}

impl StepWorker {
    /// A worker on that store, whose clock it shares.
    pub fn new(store: impl Store, clock: Arc<ManualClock>) -> Self {
        let shared = Shared {
            store: Arc::new(store),
            registry: Registry::default(),
            services: Services::default(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
        };
        Self { shared, clock, lease: Duration::from_secs(10), id: None }
    }

    /// Runs these machines.
    #[must_use]
    pub fn machines(mut self, machines: &'static [Registration]) -> Self {
        for machine in machines {
            self.shared.registry.add(machine);
        }
        self
    }

    /// Lends this value to every action that takes an argument of type `&T`.
    #[must_use]
    pub fn service<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.shared.services.insert(service);
        self
    }

    /// A client of the same store.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::of_store(Arc::clone(&self.shared.store))
    }

    /// Runs the next task that is due now; answers whether there was one.
    ///
    /// # Errors
    /// The store's. The worker is then to be dropped: like one that crashed, it leaves its task to the next.
    pub async fn step_due(&mut self) -> Result<bool, StoreError> {
        let claiming = self.live().await?;
        Ok(self.run_one(claiming).await?.is_some())
    }

    /// Runs the next task, moving the clock to its due time; answers whether there was one.
    ///
    /// # Errors
    /// As [`StepWorker::step_due`]; and when the task names a state or an event that the worker's machines do not have.
    pub async fn step(&mut self) -> Result<bool, StoreError> {
        loop {
            let claiming = self.live().await?;
            match self.run_one(claiming.clone()).await? {
                // It would come back every minute, for ever.
                Some(Dispatched::Unknown) => return Err(unknown_task()),
                Some(_) => return Ok(true),
                None => {}
            }
            let Some(next) = self.shared.store.next_due(claiming).await? else { return Ok(false) };
            self.clock.advance_to(next);
        }
    }

    /// Runs tasks until there are none, due or not.
    ///
    /// # Errors
    /// As [`StepWorker::step_due`].
    pub async fn run_until_idle(&mut self) -> Result<(), StoreError> {
        while self.step().await? {}
        Ok(())
    }

    /// Makes the worker known, or says that it still lives.
    async fn live(&mut self) -> Result<Claiming, StoreError> {
        let store = &self.shared.store;
        let worker = match self.id {
            Some(id) => {
                store.renew(id, self.lease).await?;
                id
            }
            None => {
                let id = WorkerId::random();
                store.register(id, self.lease).await?;
                *self.id.insert(id)
            }
        };
        let machines = self.shared.registry.names().into_iter().map(str::to_owned).collect();
        Ok(Claiming { worker, machines, queues: None, limit: NonZeroU32::MIN })
    }

    async fn run_one(&self, claiming: Claiming) -> Result<Option<Dispatched>, StoreError> {
        let Some(claim) = self.shared.store.claim(claiming).await?.pop() else { return Ok(None) };
        let dispatched = dispatch(&self.shared, claim).await?;
        tracing::trace!(?dispatched, "a step was taken");
        Ok(Some(dispatched))
    }
}

fn unknown_task() -> StoreError {
    let message = "a task names a state or an event that these machines do not have: give the worker the machines of the \
                   fsm.yaml that the task was stored by";
    StoreError::new(StoreErrorKind::Internal, message)
}
