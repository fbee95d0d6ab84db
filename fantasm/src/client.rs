//! Starts instances and looks at them; needs no actions, so that any process with the store can be one.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use tokio::sync::{broadcast, watch};

use crate::{
    codec::{self, ContextError},
    engine::{self, Spawn},
    id::{InstanceId, TaskKey},
    machine::Machine,
    store::{Instance, InstanceStatus, LogEntry, Step, Store, StoreError},
    worker::WorkerError,
};

/// How often a waiter looks by itself, should another process have ended its instance.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Starts instances and looks at them.
///
/// ```
/// # use fantasm::{Client, store::MemoryStore};
/// let client = Client::new(MemoryStore::new());
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    store: Arc<dyn Store>,
    /// Tells when the worker that this client belongs to has given up.
    stopped: Option<watch::Receiver<Option<StoreError>>>,
}

impl Client {
    /// A client of a store.
    pub fn new(store: impl Store) -> Self {
        Self::of_store(Arc::new(store))
    }

    pub(crate) fn of_store(store: Arc<dyn Store>) -> Self {
        Self { store, stopped: None }
    }

    pub(crate) fn of_worker(store: Arc<dyn Store>, stopped: watch::Receiver<Option<StoreError>>) -> Self {
        Self { store, stopped: Some(stopped) }
    }

    /// Starts an instance of machine `M` with that context, once the returned value is awaited.
    pub fn start<M: Machine>(&self, context: M) -> Start<'_, M> {
        Start { client: self, context, key: None, delay: Duration::ZERO }
    }

    /// Looks an instance up by the key that it was started with.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find<M: Machine>(&self, key: &str) -> Result<Option<Run>, StoreError> {
        let id = self.store.find(M::DESCRIPTOR.name.to_owned(), key.to_owned()).await?;
        Ok(id.map(|id| self.run(id)))
    }

    /// Claims nothing more from a queue until it is resumed; what runs goes on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pause(&self, queue: impl Into<String>) -> Result<(), StoreError> {
        self.store.set_paused(queue.into(), true).await
    }

    /// Claims from a queue again.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(&self, queue: impl Into<String>) -> Result<(), StoreError> {
        self.store.set_paused(queue.into(), false).await
    }

    /// The queues that are paused, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn paused(&self) -> Result<Vec<String>, StoreError> {
        self.store.paused().await
    }

    /// The run of a known instance.
    #[must_use]
    pub fn run(&self, id: InstanceId) -> Run {
        Run { client: self.clone(), id }
    }
}

/// A start that happens when it is awaited.
#[derive(Debug)]
#[must_use = "nothing is started before this is awaited"]
pub struct Start<'c, M> {
    client: &'c Client,
    context: M,
    key: Option<String>,
    delay: Duration,
}

impl<M> Start<'_, M> {
    /// Starts at most one instance of the machine with this key: a second start answers the first one's run.
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// Lets the instance wait before its first task.
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

impl<'c, M: Machine> IntoFuture for Start<'c, M> {
    type Output = Result<Run, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let context = codec::encode_start("context", &self.context)?;
            let spawn = Spawn { machine: M::DESCRIPTOR, context, key: self.key, delay: self.delay };
            let instance = engine::start(TaskKey::random(), spawn, None);
            let started = self.client.store.start(instance).await?;
            Ok(self.client.run(started.id))
        })
    }
}

/// Why an instance could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The context cannot be stored: it is too large, or no JSON.
    #[error("the instance was not started")]
    Context(#[from] ContextError),
    /// The store did not take it.
    #[error("the instance was not started")]
    Store(#[from] StoreError),
}

/// A running or ended instance.
#[derive(Debug, Clone)]
pub struct Run {
    client: Client,
    id: InstanceId,
}

impl Run {
    /// The instance's number.
    #[must_use]
    pub fn id(&self) -> InstanceId {
        self.id
    }

    /// Looks at the instance as it is now.
    ///
    /// # Errors
    /// [`RunError::Unknown`], and those of the store.
    pub async fn inspect(&self) -> Result<Instance, RunError> {
        self.client.store.instance(self.id).await?.ok_or(RunError::Unknown(self.id))
    }

    /// Ends the instance: nothing of it is run any more, and what runs of it cannot commit. Answers whether it was active.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn cancel(&self) -> Result<bool, StoreError> {
        self.client.store.cancel(self.id).await
    }

    /// Tries the failed tasks again, from where they failed and with a new count of attempts; answers how many there were.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn retry(&self) -> Result<u64, StoreError> {
        self.client.store.retry(self.id).await
    }

    /// The attempts at the instance's tasks, in the order of their commits.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn history(&self) -> Result<Vec<Step>, StoreError> {
        self.client.store.history(self.id).await
    }

    /// What the instance's actions have logged, in order; empty unless its machine says `logging: persistent`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn log(&self) -> Result<Vec<LogEntry>, StoreError> {
        self.client.store.log(self.id).await
    }

    /// Waits until the instance has ended, wherever its workers are.
    ///
    /// # Errors
    /// [`RunError::Failed`] when a task was given up; [`RunError::WorkerStopped`] when this run's client belongs to a
    /// worker that had to stop; [`RunError::Unknown`] and those of the store. An instance that was halted is no error.
    ///
    /// # Cancel safety
    /// Dropping the future stops the waiting, not the instance.
    pub async fn finished(&self) -> Result<Instance, RunError> {
        let mut ended = self.client.store.notifier().ended();
        loop {
            let instance = self.inspect().await?;
            match instance.status {
                InstanceStatus::Active => self.wait_for_news(&mut ended).await?,
                InstanceStatus::Finished | InstanceStatus::Halted => return Ok(instance),
                InstanceStatus::Failed => return Err(RunError::Failed(Box::new(instance))),
                InstanceStatus::Cancelled => return Err(RunError::Cancelled(self.id)),
            }
        }
    }

    /// Waits until it is worth looking again.
    async fn wait_for_news(&self, ended: &mut broadcast::Receiver<InstanceId>) -> Result<(), RunError> {
        let this_one = async {
            // A waiter that lagged behind does not know what it missed, and so looks.
            while let Ok(id) = ended.recv().await {
                if id == self.id {
                    break;
                }
            }
        };
        tokio::select! {
            () = this_one => Ok(()),
            () = tokio::time::sleep(POLL_INTERVAL) => Ok(()),
            error = self.worker_stopped() => Err(RunError::WorkerStopped(error)),
        }
    }

    async fn worker_stopped(&self) -> StoreError {
        if let Some(mut stopped) = self.client.stopped.clone()
            && let Ok(Some(error)) = stopped.wait_for(Option::is_some).await.as_deref()
        {
            return error.clone();
        }
        std::future::pending().await
    }
}

/// Why a run could not be followed to a good end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A task of the instance was given up. The instance is kept with its errors.
    #[error("instance {} of machine `{}` failed: {}", .0.id, .0.machine, errors(.0))]
    Failed(Box<Instance>),
    /// Somebody cancelled the instance.
    #[error("instance {0} was cancelled")]
    Cancelled(InstanceId),
    /// The store has no such instance.
    #[error("the store has no instance {0}")]
    Unknown(InstanceId),
    /// The worker beside this client had to stop. The instance goes on when a worker starts again.
    #[error("the worker had to stop; start it again and the instance goes on")]
    WorkerStopped(#[source] StoreError),
    /// It was to be run at once, and took more steps than it may.
    #[error("the run did not end within {limit} steps{}; raise the limit with `.max_steps(…)` if it needs more", last(.error.as_deref()))]
    TooManySteps {
        /// How many steps it may take.
        limit: u32,
        /// What went wrong at last, if anything did: a task without retry limits may fail for ever.
        error: Option<String>,
    },
    /// It was to be run at once, and could not be started.
    #[error(transparent)]
    NotStarted(#[from] StartError),
    /// It was to be run at once, and something that it needs is missing.
    #[error(transparent)]
    NotRunnable(#[from] WorkerError),
    /// The context that it left cannot be read.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The last error of a run that was given up.
fn last(error: Option<&str>) -> String {
    error.map(|error| format!(" (its last error: {error})")).unwrap_or_default()
}

/// The errors of the tasks that were given up, each with its place.
fn errors(instance: &Instance) -> String {
    let error = |task: &crate::store::FailedTask| {
        let place = task.hop.to().or(task.hop.from()).unwrap_or_default();
        format!("{} (state `{place}`, attempt {})", task.error, task.attempts)
    };
    instance.failed.iter().map(error).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{machine::MachineDescriptor, store::MemoryStore};

    #[derive(Clone, Serialize, Deserialize)]
    struct Stateless;

    impl Machine for Stateless {
        const DESCRIPTOR: &'static MachineDescriptor = &MachineDescriptor::new("Stateless", &[]);
    }

    #[tokio::test]
    async fn a_machine_that_cannot_start_is_refused() {
        let refused = Client::new(MemoryStore::new()).start(Stateless).await;
        assert!(matches!(refused, Err(StartError::Context(ContextError::Machine("Stateless")))));
    }
}
