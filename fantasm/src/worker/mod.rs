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

mod dispatch;
mod heartbeat;
mod panic;
mod patience;
mod phases;
mod poll;
mod running;
mod stepper;

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

use self::dispatch::{Dispatched, dispatch};
pub(crate) use self::stepper::Stepper;
#[cfg(feature = "webhook")]
use crate::builtin::Postman;
use crate::{
    builtin::{self, Sweeper},
    client::Client,
    clock::{Clock, SystemClock},
    engine::LogLevel,
    id::WorkerId,
    registry::{Registration, Registry},
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
    /// The lowest level of what is kept of machines that keep their logs.
    pub(crate) log_level: LogLevel,
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
            log_level: LogLevel::Debug,
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

    /// Makes sure that the store has the instances of the machines that fantasm brings along.
    async fn start_builtin(&self) -> Result<(), StoreError> {
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

/// Ordinary crashes and restarts do not hit one and the same task so often, without an end of an attempt between.
const MAX_CRASHES: u32 = 20;

/// How long what has ended is kept, unless said otherwise.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long the answer to a webhook may take, unless said otherwise.
#[cfg(feature = "webhook")]
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// A shorter heartbeat would find its own lease over before it came.
const MIN_HEARTBEAT: Duration = Duration::from_millis(10);

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
    webhook: Option<WebhookSettings>,
}

/// How webhooks are sent.
#[cfg(feature = "webhook")]
#[derive(Clone)]
struct WebhookSettings {
    secret: String,
    timeout: Duration,
}

#[cfg(feature = "webhook")]
impl fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSettings").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Settings {
    /// A worker is dead when two heartbeats have failed to come.
    fn lease(&self) -> Duration {
        self.heartbeat.saturating_mul(2)
    }

    fn claiming(&self, shared: &Shared, worker: WorkerId, limit: NonZeroU32) -> Claiming {
        let with_ours = |queues: &Vec<String>| queues.iter().cloned().chain([builtin::QUEUE.to_owned()]).collect();
        let (queues, labels) = (self.queues.as_ref().map(with_ours), Some(self.labels.clone()));
        Claiming { queues, labels, ..shared.claiming(worker, limit) }
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

/// What a worker is to run, and how.
#[must_use = "a worker does nothing before it is started"]
pub struct WorkerBuilder {
    shared: Shared,
    twice: Option<&'static str>,
    settings: Settings,
}

impl WorkerBuilder {
    fn new(store: impl Store) -> Self {
        Self {
            shared: Shared::new(Arc::new(store), Arc::new(SystemClock)),
            twice: None,
            settings: Settings {
                concurrency: NonZeroU32::MIN.saturating_add(15),
                queues: None,
                labels: Vec::new(),
                heartbeat: Duration::from_secs(5),
                grace: Duration::from_secs(30),
                keep: Some(RETENTION),
                #[cfg(feature = "webhook")]
                webhook: None,
            },
        }
    }

    /// Runs these machines, beside those named before; the generated `machines::all()` lists those of a fsm.yaml.
    pub fn machines(mut self, machines: &'static [Registration]) -> Self {
        for machine in machines {
            let earlier = self.shared.registry.add(machine);
            self.twice = self.twice.or(earlier.map(|earlier| earlier.descriptor.name));
        }
        self
    }

    /// Lends this value to every action that takes an argument of type `&T`.
    pub fn service<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.shared.services.insert(service);
        self
    }

    /// Runs at most this many tasks at once (16 unless said otherwise; 0 is taken as 1).
    pub fn concurrency(mut self, tasks: u32) -> Self {
        self.settings.concurrency = NonZeroU32::new(tasks).unwrap_or(NonZeroU32::MIN);
        self
    }

    /// Serves only these queues; without this it serves all.
    pub fn queues<Q: Into<String>>(mut self, queues: impl IntoIterator<Item = Q>) -> Self {
        self.settings.queues = Some(queues.into_iter().map(Into::into).collect());
        self
    }

    /// Runs tasks with this `target` too, beside those that have none; may be said several times.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.settings.labels.push(label.into());
        self
    }

    /// Renews its leases this often (every 5 seconds unless said otherwise). When two heartbeats have failed to come,
    /// others take its tasks over.
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.settings.heartbeat = every.max(MIN_HEARTBEAT);
        self
    }

    /// Lets running tasks finish for so long at shutdown (30 seconds unless said otherwise).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Keeps of what actions log, where their machine says `logging: persistent`, the lines of this level and above (all unless
    /// said otherwise). What `tracing` is told is for its subscribers to filter.
    pub fn log_level(mut self, level: LogLevel) -> Self {
        self.shared.log_level = level;
        self
    }

    /// Gives a task up when so many workers in a row have died with it, or fallen silent (20 unless said otherwise): whatever
    /// its retry limits, it takes their other tasks down each time.
    pub fn max_crashes(mut self, crashes: u32) -> Self {
        self.shared.max_crashes = crashes.max(1);
        self
    }

    /// Removes instances that ended so long ago, with their history and logs (30 days unless said otherwise); failed ones too.
    ///
    /// Every worker sees to it by itself: its store has one instance of a machine `fantasm.Retention`, which looks every hour.
    /// Of workers that say different times the one decides that happens to run the step. See
    /// [the guide](crate::guide::lifecycle#after-its-end).
    pub fn retention(mut self, keep: Duration) -> Self {
        self.settings.keep = Some(keep);
        self
    }

    /// Removes nothing that has ended: it is kept until somebody calls [`Store::purge`], or a worker that does not say so runs on
    /// the same store.
    pub fn keep_forever(mut self) -> Self {
        self.settings.keep = None;
        self
    }

    /// Sends the webhooks of instances that end ([`Start::webhook`](crate::Start::webhook)), signed with this secret: `whsec_` and
    /// 24 to 64 random bytes in Base64. A worker without a secret leaves them to one that has it.
    #[cfg(feature = "webhook")]
    pub fn webhook_secret(mut self, secret: impl Into<String>) -> Self {
        let timeout = self.settings.webhook.map_or(WEBHOOK_TIMEOUT, |webhook| webhook.timeout);
        self.settings.webhook = Some(WebhookSettings { secret: secret.into(), timeout });
        self
    }

    /// Waits so long for the answer to a webhook (15 seconds unless said otherwise); say the secret first.
    #[cfg(feature = "webhook")]
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        if let Some(webhook) = &mut self.settings.webhook {
            webhook.timeout = timeout;
        }
        self
    }

    /// Takes the time from this clock, which is to be the store's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.shared.clock = clock;
        self
    }

    /// Starts the worker on the current tokio runtime.
    ///
    /// # Errors
    /// When it could not do its work: no machines, two of one name, or an action that asks for a service it lacks or for
    /// transactions that its store does not have.
    pub async fn start(self) -> Result<Worker, WorkerError> {
        let (shared, settings) = self.check()?;
        let (stop, stopping) = watch::channel(false);
        let (report, stopped) = watch::channel(None);
        let client = Client::of_worker(Arc::clone(&shared.store), stopped.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = poll::run(&Arc::new(shared), &settings, stopping).await {
                tracing::error!(%error, "the worker stops");
                report.send_replace(Some(error));
            }
        });
        Ok(Worker { client, stop, tasks, stopped })
    }

    fn check(self) -> Result<(Shared, Settings), WorkerError> {
        let Self { mut shared, twice, settings } = self;
        if let Some(machine) = twice {
            return Err(WorkerError::MachineTwice(machine));
        }
        shared.check()?;
        if let Some(keep) = settings.keep {
            shared.keep_for(keep);
        }
        #[cfg(feature = "webhook")]
        if let Some(WebhookSettings { secret, timeout }) = &settings.webhook {
            shared.post_with(secret, *timeout)?;
        }
        Ok((shared, settings))
    }
}

impl fmt::Debug for WorkerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Why a worker did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// It was given no machine.
    #[error("the worker has no machines to run; give it some with `.machines(machines::all())`")]
    NoMachines,
    /// It was given two machines of one name, which its tasks could not tell apart.
    #[error("the worker was given two machines named `{0}`; rename one in its fsm.yaml")]
    MachineTwice(&'static str),
    /// A machine is to be run that it was not given.
    #[error("machine `{0}` is not among the machines to be run; give them all with `machines::all()`")]
    MissingMachine(&'static str),
    /// Its webhooks could not be signed.
    #[cfg(feature = "webhook")]
    #[error("the secret of webhooks is `whsec_` and 24 to 64 bytes in Base64; make one with `openssl rand -base64 32`")]
    WebhookSecret,
    /// Some action asks for a service that it lacks.
    #[error(
        "an action of machine `{machine}` takes `&{service}`, which the worker lacks; give it one with `.service(…)`"
    )]
    MissingService {
        /// The machine.
        machine: &'static str,
        /// The type of the service.
        service: &'static str,
    },
    /// Some action takes the step's transaction, and the store has no SQL.
    #[error(
        "an action of state `{state}` of machine `{machine}` takes a `Transaction`, but the store has no SQL; use one on a \
         database"
    )]
    NoTransactions {
        /// The machine.
        machine: &'static str,
        /// The state.
        state: &'static str,
    },
}
