//! What a worker is to run, and how.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

#[cfg(feature = "webhook")]
use super::WebhookSettings;
use super::{Settings, Shared, Worker, WorkerError, poll};
use crate::{
    client::Client,
    clock::{Clock, SystemClock},
    engine::LogLevel,
    patience::PATIENCE,
    registry::Registration,
    store::Store,
};

/// How long what has ended is kept, unless said otherwise.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long the answer to a webhook may take, unless said otherwise.
#[cfg(feature = "webhook")]
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// A longer heartbeat would leave the tasks of a dead worker alone for hours.
const MAX_HEARTBEAT: Duration = Duration::from_secs(3600);

/// A receiver that has not answered by then does not.
#[cfg(feature = "webhook")]
const MAX_WEBHOOK_TIMEOUT: Duration = Duration::from_secs(600);

/// A shorter heartbeat would find its own lease over before it came.
const MIN_HEARTBEAT: Duration = Duration::from_millis(10);

/// What a worker is to run, and how.
#[must_use = "a worker does nothing before it is started"]
pub struct WorkerBuilder {
    shared: Shared,
    twice: Option<&'static str>,
    settings: Settings,
}

impl WorkerBuilder {
    pub(super) fn new(store: impl Store) -> Self {
        let shared = Shared::new(Arc::new(store), Arc::new(SystemClock));
        Self {
            shared: Shared { patience: PATIENCE, ..shared },
            twice: None,
            settings: Settings {
                concurrency: NonZeroU32::MIN.saturating_add(15),
                queues: None,
                labels: Vec::new(),
                heartbeat: Duration::from_secs(5),
                grace: Duration::from_secs(30),
                keep: Some(RETENTION),
                #[cfg(feature = "webhook")]
                webhook: WebhookSettings { secret: None, timeout: WEBHOOK_TIMEOUT },
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

    /// Runs at most this many tasks at once (16 unless said otherwise; 0 is taken as 1). Webhooks, which only wait for their
    /// receivers, have slots of their own beside these: a quarter as many, one at least.
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

    /// Renews its leases this often (every 5 seconds unless said otherwise, and between 10 milliseconds and an hour). When two heartbeats have failed to come,
    /// others take its tasks over.
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.settings.heartbeat = every.clamp(MIN_HEARTBEAT, MAX_HEARTBEAT);
        self
    }

    /// Waits so long for a store that does not answer, or has no room, before the worker stops (5 minutes unless said otherwise):
    /// [`Worker::stopped`] then says why. Meanwhile it asks again, every five seconds at least; a shutdown does not wait for that.
    ///
    /// An error that will not pass by itself, of a damaged database for one, stops it at once.
    pub fn give_up_after(mut self, patience: Duration) -> Self {
        self.shared.patience = patience;
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
        self.settings.webhook.secret = Some(secret.into());
        self
    }

    /// Waits so long for the answer to a webhook (15 seconds unless said otherwise, ten minutes at most).
    #[cfg(feature = "webhook")]
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        self.settings.webhook.timeout = timeout.min(MAX_WEBHOOK_TIMEOUT);
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
    /// When it could not do its work: no machines, two of one name, a queue or label without a name, or an action that asks for
    /// a service it lacks or for transactions that its store does not have.
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
        if settings.queues.iter().flatten().any(String::is_empty) {
            return Err(WorkerError::EmptyName("queue"));
        }
        if settings.labels.iter().any(String::is_empty) {
            return Err(WorkerError::EmptyName("label"));
        }
        if let Some(keep) = settings.keep {
            shared.keep_for(keep);
        }
        #[cfg(feature = "webhook")]
        if let WebhookSettings { secret: Some(secret), timeout } = &settings.webhook {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn what_has_ended_is_kept_for_thirty_days_unless_said_otherwise() {
        let builder = || WorkerBuilder::new(MemoryStore::new());
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(builder().settings.keep, Some(30 * day));
        assert_eq!(builder().retention(day).settings.keep, Some(day));
        assert_eq!(builder().keep_forever().settings.keep, None);
    }
}
