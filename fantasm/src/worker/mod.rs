//! Runs tasks: claims what is due, leads each claimed task through user code and engine, commits.
//!
//! ```text
//!            start                     shutdown                   grace over, or all done
//!  builder ─────────▶ live: claim ⇄ dispatch ───────▶ drain: no claims ───────────────────▶ retired
//!                     │    ▲   heartbeat renews            heartbeat goes on                 (leases given back)
//!          lease lost │    │
//!                     └────┘ running tasks are dropped, a new life begins under a new identity
//! ```
//!
//! **Why a crash loses nothing.** A worker holds no state of its own: what it runs are claimed tasks, which the store
//! gives to the next worker when the lease runs out. What it had not committed has not happened; what it had committed
//! is not run again. A worker that was only slow finds its commits refused.

mod builder;
mod dispatch;
mod error;
mod heartbeat;
mod panic;
mod phases;
mod poll;
mod running;
mod stepper;
mod telemetry;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

pub(crate) use self::stepper::Stepper;
pub use self::{builder::WorkerBuilder, error::WorkerError};
use self::{
    dispatch::{Dispatched, dispatch},
    running::Lane,
};
#[cfg(feature = "webhook")]
use crate::builtin::Postman;
use crate::{
    builtin::{self, Sweeper},
    client::Client,
    clock::Clock,
    engine::{self, LogLevel},
    id::{TaskKey, WorkerId},
    registry::Registry,
    services::Services,
    store::{Claiming, Store, StoreError},
};

/// What every task of a worker shares.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) registry: Registry,
    pub(crate) services: Services,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether what actions log is kept with every instance, whatever its machine says.
    pub(crate) keeps_all_logs: bool,
    /// Whether the attempts at every task are kept, whatever `history` its machine has.
    pub(crate) keeps_all_history: bool,
    /// The lowest level of what is kept of machines that keep their logs.
    pub(crate) log_level: LogLevel,
    /// How long a store may leave a call unanswered.
    pub(crate) patience: Duration,
    /// How many workers in a row may die with a task before it is given up.
    pub(crate) max_crashes: u32,
}

impl Shared {
    /// What a worker has that knows no machines yet.
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let (registry, services) = (Registry::default(), Services::default());
        Self {
            store,
            registry,
            services,
            clock,
            keeps_all_logs: false,
            keeps_all_history: false,
            log_level: LogLevel::Debug,
            patience: PATIENCE,
            max_crashes: MAX_CRASHES,
        }
    }

    /// Refuses what could not do its work.
    pub(crate) fn check(&self) -> Result<(), WorkerError> {
        if self.registry.names().is_empty() {
            return Err(WorkerError::NoMachines);
        }
        if let Some((machine, key)) = self.registry.missing_service(&self.services) {
            return Err(WorkerError::MissingService { machine, service: key.name() });
        }
        match self.registry.transactional().filter(|_| !self.store.has_sql()) {
            Some((machine, state)) => Err(WorkerError::NoTransactions { machine, state }),
            None => Ok(()),
        }
    }

    /// Runs the machine that sweeps away what ended so long ago.
    pub(crate) fn keep_for(&mut self, keep: Duration) {
        self.registry.add(&builtin::RETENTION);
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        self.services.insert(Sweeper { store, clock, keep });
    }

    /// Runs the machine that posts webhooks.
    #[cfg(feature = "webhook")]
    pub(crate) fn post_with(&mut self, secret: &str, timeout: Duration) -> Result<(), WorkerError> {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let postman = Postman::new(store, clock, secret, timeout).ok_or(WorkerError::WebhookSecret)?;
        self.registry.add(&builtin::WEBHOOK);
        self.services.insert(postman);
        Ok(())
    }

    /// Makes its machines known, and sure that the store has the instances of those that fantasm brings along.
    async fn prepare_store(&self) -> Result<(), StoreError> {
        // Those that fantasm brings along are nobody's to start by SQL.
        let machines = self.registry.machines().filter(|machine| !builtin::is_one(machine.name));
        let plain = |machine| engine::start(TaskKey(Uuid::nil()), engine::Start::new(machine, "{}".to_owned()), None);
        self.store.introduce(machines.map(plain).collect()).await?;
        if self.registry.get(builtin::RETENTION.descriptor.name).is_some() {
            self.store.start(vec![builtin::retention()]).await?;
        }
        Ok(())
    }

    /// A claim for its machines, from all queues, whatever the label.
    fn claiming(&self, worker: WorkerId, limit: NonZeroU32) -> Claiming {
        let machines = self.registry.names().into_iter().map(str::to_owned).collect();
        Claiming { machines, ..Claiming::new(worker, limit) }
    }
}

/// How long whoever steps by hand waits for a store: a test wants to hear of it. A worker says otherwise.
const PATIENCE: Duration = Duration::from_secs(15);

/// Ordinary crashes and restarts do not hit one and the same task so often, without an end of an attempt between.
const MAX_CRASHES: u32 = 20;

/// How a worker behaves.
#[derive(Debug, Clone)]
struct Settings {
    concurrency: NonZeroU32,
    queues: Option<Vec<String>>,
    labels: Vec<String>,
    heartbeat: Duration,
    grace: Duration,
    keep: Option<Duration>,
    #[cfg(feature = "webhook")]
    webhook: WebhookSettings,
}

/// How webhooks are sent, if there is a secret to sign them with.
#[cfg(feature = "webhook")]
#[derive(Clone)]
struct WebhookSettings {
    secret: Option<String>,
    timeout: Duration,
}

#[cfg(feature = "webhook")]
impl std::fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookSettings").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Settings {
    /// A worker is dead when two heartbeats have failed to come.
    fn lease(&self) -> Duration {
        self.heartbeat.saturating_mul(2)
    }

    /// How many tasks run at once. Webhooks only wait for others, so a few more than the steps do no harm.
    fn slots(&self, lane: Lane) -> u32 {
        match lane {
            Lane::Steps => self.concurrency.get(),
            Lane::Webhooks => self.concurrency.get().div_ceil(4),
        }
    }

    fn claiming(&self, shared: &Shared, worker: WorkerId, lane: Lane, limit: NonZeroU32) -> Claiming {
        let with_ours = |queues: &Vec<String>| queues.iter().cloned().chain([builtin::QUEUE.to_owned()]).collect();
        let (queues, labels) = (self.queues.as_ref().map(with_ours), Some(self.labels.clone()));
        let mut claiming = shared.claiming(worker, limit);
        claiming.machines.retain(|machine| Lane::of(machine) == lane);
        Claiming { queues, labels, ..claiming }
    }
}

/// A worker that runs in this process until it is shut down.
///
/// Dropping it stops it at once, as a crash would: nothing is lost, and its tasks are taken over when their lease has
/// run out. [`Worker::shutdown`] lets them finish.
#[derive(Debug)]
pub struct Worker {
    client: Client,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    stopped: watch::Receiver<Option<StoreError>>,
}

impl Worker {
    /// A worker on that store, to be told what it runs.
    pub fn builder(store: impl Store) -> WorkerBuilder {
        WorkerBuilder::new(store)
    }

    /// A client of the same store, whose runs also learn when this worker had to stop.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until the worker has stopped by itself because the store failed it, and answers how. A worker that lives
    /// or was shut down keeps the caller waiting.
    ///
    /// # Cancel safety
    /// Dropping the future stops the waiting, not the worker.
    pub async fn stopped(&self) -> StoreError {
        if let Ok(Some(error)) = self.stopped.clone().wait_for(Option::is_some).await.as_deref() {
            return error.clone();
        }
        std::future::pending().await
    }

    /// Claims nothing more, lets running tasks finish for the length of the grace period, and gives the others back.
    ///
    /// # Errors
    /// The store's, when the worker had stopped because of it or could not give its tasks back; they are then taken over
    /// when their lease has run out.
    pub async fn shutdown(mut self) -> Result<(), StoreError> {
        // The receiver is gone only when the worker has ended by itself, and then there is nothing to stop.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        let ended = self.stopped.borrow().clone();
        ended.map_or(Ok(()), Err)
    }
}
