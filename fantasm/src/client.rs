//! Starts instances and looks at them; needs no actions, so that any process with the store can be one.

use std::{
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use serde_json::Map;
use tokio::sync::{broadcast, watch};

use crate::{
    builtin,
    codec::{self, ContextError},
    engine::{self, OnEnd},
    id::{InstanceId, TaskKey},
    machine::{Machine, MachineDescriptor},
    store::{Instance, InstanceStatus, LogEntry, NewInstance, Started, Step, Store, StoreError},
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

    #[cfg(feature = "postgres")]
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub(crate) fn of_worker(store: Arc<dyn Store>, stopped: watch::Receiver<Option<StoreError>>) -> Self {
        Self { store, stopped: Some(stopped) }
    }

    /// Starts an instance of machine `M` with that context, once the returned value is awaited.
    ///
    /// What is no context of a machine does not compile:
    ///
    /// ```compile_fail,E0277
    /// # async fn example(client: fantasm::Client) {
    /// client.start("EmailBatch").await;
    /// # }
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "a context is given away")]
    pub fn start<M: Machine>(&self, context: M) -> Start<'_, M> {
        let context = codec::encode_start("context", &context);
        let start = context.map(|context| engine::Start::new(M::DESCRIPTOR, context));
        Start { client: self, start, is_new_only: false, machine: PhantomData }
    }

    /// Starts an instance for each context or [`Start`], all of them or none, and answers their runs in the same order.
    ///
    /// ```
    /// # async fn example<M: fantasm::Machine>(client: fantasm::Client, orders: Vec<(String, M)>) -> fantasm::Result<()> {
    /// let starts = orders.into_iter().map(|(number, order)| client.start(order).key(number).header("tenant", "blue"));
    /// let runs = client.start_all(starts).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As for one. With [`StartError::Exists`] of a start that insists on being [new](Start::new_only) those before and after it
    /// have been started all the same; with all other errors none has.
    pub async fn start_all<S: IntoStart>(&self, starts: impl IntoIterator<Item = S>) -> Result<Vec<Run>, StartError> {
        let prepare = |start: S| start.into_start(self).prepare();
        let prepared: Vec<Prepared<'_>> = starts.into_iter().map(prepare).collect::<Result<_, _>>()?;
        let started = self.store.start(prepared.iter().map(|prepared| prepared.new.clone()).collect()).await?;
        if started.len() != prepared.len() {
            return Err(StoreError::no_answer().into());
        }
        prepared.into_iter().zip(started).map(|(prepared, started)| prepared.answer(started)).collect()
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
    start: Result<engine::Start, ContextError>,
    is_new_only: bool,
    machine: PhantomData<fn() -> M>,
}

impl<M> Start<'_, M> {
    /// Starts at most one instance of the machine with this key: a second start answers the first one's run.
    pub fn key(self, key: impl Into<String>) -> Self {
        self.with(|start| start.key = Some(key.into()))
    }

    /// Makes it an error that an instance with this key has been started before: [`StartError::Exists`].
    pub fn new_only(self) -> Self {
        Self { is_new_only: true, ..self }
    }

    /// Lets the instance wait before its first task.
    pub fn delay(self, delay: Duration) -> Self {
        self.with(|start| start.delay = delay)
    }

    /// Puts the instance's first task and all that follows on this queue, until an action sets another.
    pub fn queue(self, queue: impl Into<String>) -> Self {
        self.with(|start| start.queue = Some(queue.into()))
    }

    /// Lets a text travel with the instance, and with those that it spawns; actions read it with
    /// [`Context::header`](crate::Context::header).
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|start| start.headers.insert(name, value))
    }

    /// Starts an instance of `N` when this one has ended, in the same transaction, whatever its end.
    ///
    /// Its context is filled by name from what there is to tell: `instance`, `machine`, `key`, `status`, `reason` and `context`.
    pub fn then<N: Machine>(mut self) -> Self {
        let next = N::DESCRIPTOR;
        match next.states.get(next.initial) {
            Some(initial) if initial.fan_in.is_none() => {
                let (queue, target) = (next.queue.to_owned(), next.target.map(str::to_owned));
                let (machine, initial) = (next.name.to_owned(), initial.name.to_owned());
                self.with(|start| start.on_end.push(OnEnd { machine, initial, queue, target, context: Map::new() }))
            }
            _ => {
                self.start = Err(ContextError::Successor(next.name));
                self
            }
        }
    }

    /// Posts how the instance has ended to this address, signed, until it is taken or three days have passed: see
    /// [the guide](crate::guide::completion).
    ///
    /// Workers with the feature `webhook` and a secret send it; this program needs neither.
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        let url = url.into();
        if url.starts_with("https://") || url.starts_with("http://") {
            return self.with(|start| start.on_end.push(builtin::webhook(url)));
        }
        self.start = Err(ContextError::Address(url));
        self
    }

    fn with(mut self, say: impl FnOnce(&mut engine::Start)) -> Self {
        // A context that cannot be stored is told when the start is awaited.
        if let Ok(start) = &mut self.start {
            say(start);
        }
        self
    }
}

impl<'c, M: Machine> Start<'c, M> {
    /// Makes what is to be stored, or says why that cannot be.
    pub(crate) fn prepare(self) -> Result<Prepared<'c>, StartError> {
        let Self { client, start, is_new_only, machine: PhantomData } = self;
        let new = engine::start(TaskKey::random(), codec::check_start(start?)?, None);
        Ok(Prepared { client, new, is_new_only, machine: M::DESCRIPTOR.name })
    }
}

/// A start that only has to be stored.
#[derive(Debug)]
pub(crate) struct Prepared<'c> {
    pub(crate) client: &'c Client,
    pub(crate) new: NewInstance,
    is_new_only: bool,
    machine: &'static str,
}

impl Prepared<'_> {
    /// What the caller is told.
    pub(crate) fn answer(self, started: Started) -> Result<Run, StartError> {
        let Self { client, new, is_new_only, machine } = self;
        match new.key {
            Some(key) if is_new_only && !started.is_new => Err(StartError::Exists { machine, key, id: started.id }),
            _ => Ok(client.run(started.id)),
        }
    }
}

impl<'c, M: Machine> IntoFuture for Start<'c, M> {
    type Output = Result<Run, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        let client = self.client;
        Box::pin(async move { client.start_all([self]).await?.pop().ok_or_else(|| StoreError::no_answer().into()) })
    }
}

/// What [`Client::start_all`] takes: contexts, and starts that say more.
pub trait IntoStart {
    /// The machine that is started.
    type Machine: Machine;

    /// The start, by this client.
    fn into_start(self, client: &Client) -> Start<'_, Self::Machine>;
}

impl<M: Machine> IntoStart for M {
    type Machine = M;

    fn into_start(self, client: &Client) -> Start<'_, M> {
        client.start(self)
    }
}

impl<M: Machine> IntoStart for Start<'_, M> {
    type Machine = M;

    fn into_start(self, client: &Client) -> Start<'_, M> {
        let Self { start, is_new_only, machine, client: _ } = self;
        Start { client, start, is_new_only, machine }
    }
}

/// Why an instance could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The context cannot be stored: it is too large, or no JSON.
    #[error("the instance was not started")]
    Context(#[from] ContextError),
    /// It was to be a new one ([`Start::new_only`]), and there is one with its key.
    #[error("machine `{machine}` has been started with the key `{key}` before: it is instance {id}")]
    Exists {
        /// The machine.
        machine: &'static str,
        /// The key.
        key: String,
        /// The instance that has it.
        id: InstanceId,
    },
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
        self.client.store.retry(self.id, None).await
    }

    /// Tries the failed tasks again, but in another state of the machine, with the contexts they had; answers how many there
    /// were. It is for what cannot succeed where it failed.
    ///
    /// They enter that state as after a failure: nothing is left, a continuation begins with its first page, and the step has
    /// a key of its own. What failed in that very state, or in a fan-in, is tried as it is.
    ///
    /// # Errors
    /// [`RetryError::State`] when the machine has no such state, [`RetryError::FanIn`] when it is a fan-in; [`RetryError::Machine`] when the run is one of
    /// another machine; and those of the store.
    pub async fn retry_from<M: Machine>(&self, state: &str) -> Result<u64, RetryError> {
        let MachineDescriptor { name, renamed_from, .. } = M::DESCRIPTOR;
        let machine = self.client.store.instance(self.id).await?.map(|instance| instance.machine);
        if machine.as_deref().is_some_and(|machine| machine != *name && !renamed_from.contains(&machine)) {
            return Err(RetryError::Machine { id: self.id, machine: name });
        }
        match M::DESCRIPTOR.state(state) {
            None => Err(RetryError::State { machine: name, state: state.to_owned() }),
            Some(state) if state.fan_in.is_some() => Err(RetryError::FanIn { machine: name, state: state.name }),
            Some(state) => Ok(self.client.store.retry(self.id, Some(state.name.to_owned())).await?),
        }
    }

    /// Leaves the instance's tasks alone until it is resumed; what runs goes on. Answers whether it was active.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pause(&self) -> Result<bool, StoreError> {
        self.client.store.set_instance_paused(self.id, true).await
    }

    /// Runs the instance's tasks again. Answers whether it was active.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(&self) -> Result<bool, StoreError> {
        self.client.store.set_instance_paused(self.id, false).await
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

/// Why failed tasks could not be tried again in another state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    /// There is no such state to go on in.
    #[error("machine `{machine}` has no state `{state}`; name one of its fsm.yaml")]
    State {
        /// The machine.
        machine: &'static str,
        /// The state that was asked for.
        state: String,
    },
    /// The state takes no single branch.
    #[error(
        "state `{state}` of machine `{machine}` is a fan-in, which gathers what leads into it; name a state before it"
    )]
    FanIn {
        /// The machine.
        machine: &'static str,
        /// The state that was asked for.
        state: &'static str,
    },
    /// The run is not one of that machine.
    #[error("instance {id} is not one of machine `{machine}`")]
    Machine {
        /// The instance.
        id: InstanceId,
        /// The machine whose state was asked for.
        machine: &'static str,
    },
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    /// It was to be run at once, and some action of the machines that were given needs a database.
    #[error(
        "an action of state `{state}` of machine `{machine}` takes a `Transaction`, and a run at once has no database; run it by \
         a worker on one (`SqliteStore`, `PostgresStore`), or leave the machine out"
    )]
    NoTransactions {
        /// The machine.
        machine: &'static str,
        /// The state.
        state: &'static str,
    },
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
