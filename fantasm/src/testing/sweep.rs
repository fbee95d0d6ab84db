//! A crash at every call: whatever process dies wherever, your machine is to come to the same end.

use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use super::{Call, Coverage, Faults, FaultyStore, ManualClock, StepWorker};
use crate::{
    Result, Run,
    action::BoxFuture,
    client::{Client, StartError},
    id::InstanceId,
    machine::Machine,
    registry::Registration,
    store::{Instance, Store, StoreError, StoreErrorKind},
};

/// The key that an instance is started with, so that every life of the process may start it.
const KEY: &str = "crash sweep";

/// A process that needs more lives than that does not get on.
const MAX_LIVES: usize = 10;

/// Runs an instance to its end, once for every call of the store that it takes and once more, each time with a crash of the
/// process before the call or after it, and shows each end.
///
/// A first run without a crash counts the calls. In the others the process dies at one call: before the call reaches the
/// store, or after it took effect but before its answer is heard. Then a new process, on the same store, goes on. What the
/// instance comes to is to be the same each time; what its actions did outside may have been done twice, under one
/// [key](crate::Context::idempotency_key), and never less than once.
///
/// ```
/// # use std::sync::Arc;
/// # use fantasm::{Machine, Registration, store::MemoryStore};
/// # async fn example<M: Machine + Default>(machines: &'static [Registration]) -> fantasm::Result<()> {
/// use fantasm::{store::InstanceStatus, testing::{CrashSweep, ManualClock, Scenario}};
///
/// let sweep = CrashSweep::new(async || {
///     let clock = Arc::new(ManualClock::new());
///     let store = MemoryStore::with_clock(clock.clone());
///     let mailing = (); // a service that notes which mails were sent
///     Ok(Scenario::new(store, clock, mailing).machines(machines).service(mailing).start(M::default()))
/// });
/// let swept = sweep.run(async |end| assert_eq!(end.instance.status, InstanceStatus::Finished, "{end}")).await?;
/// println!("{} calls\n{}", swept.n_calls, swept.coverage);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is run before `run`"]
pub struct CrashSweep<B> {
    begin: B,
}

/// Where a process dies: before or after the n-th of its calls that write, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Crash {
    /// It lives.
    Never,
    /// The call does not reach the store.
    Before(u64),
    /// The call takes effect, but its answer is never heard.
    After(u64),
}

/// What one run of a [`CrashSweep`] begins with: an empty store, machines and their services, an instance to start, and
/// something that notes the effects `E` of its actions.
#[must_use = "a scenario is answered to the sweep"]
pub struct Scenario<E> {
    store: Arc<dyn Store>,
    reopen: Option<Reopen>,
    clock: Arc<ManualClock>,
    effects: E,
    outfit: Vec<Outfit>,
    coverage: Coverage,
    start: Option<Start>,
    /// The instances that any process has run tasks of.
    ran: Mutex<BTreeSet<InstanceId>>,
}

/// Opens the store again, as the process that comes after a crash does.
type Reopen = Box<dyn Fn() -> BoxFuture<'static, Result<Arc<dyn Store>>> + Send + Sync>;
/// Something that every process's worker is given.
type Outfit = Box<dyn Fn(StepWorker) -> StepWorker + Send + Sync>;
/// Starts the instance, if it is not started already.
type Start = Box<dyn for<'w> Fn(&'w StepWorker) -> BoxFuture<'w, Result<Run, StartError>> + Send + Sync>;

/// How one run came to its end.
#[derive(Debug)]
#[non_exhaustive]
pub struct End<E> {
    /// The crash that was made good.
    pub crash: Crash,
    /// The instance, which has ended.
    pub instance: Instance,
    /// The same, to be looked at through a client: its history, its log.
    pub run: Run,
    /// All other instances that have run, in the order of their numbers: those that were spawned, and those that followed an
    /// end.
    pub others: Vec<Run>,
    /// What the actions did outside.
    pub effects: E,
}

/// What a [`CrashSweep`] has found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sweep {
    /// How many calls of the store that write a run takes without a crash; there were two runs more for each.
    pub n_calls: u64,
    /// The transitions that were taken in the run without a crash, by the instance and by all others that have run.
    pub coverage: Coverage,
}

impl<B: AsyncFn() -> Result<Scenario<E>>, E> CrashSweep<B> {
    /// A sweep over what `begin` answers, which is called anew for each run and answers the same each time.
    pub fn new(begin: B) -> Self {
        Self { begin }
    }

    /// Runs it all, and hands every end to `check`, the first without a crash.
    ///
    /// # Errors
    /// When a run cannot begin or does not end; the message says at which crash.
    pub async fn run(self, mut check: impl AsyncFnMut(End<E>)) -> Result<Sweep> {
        let scenario = (self.begin)().await?;
        let counted = Arc::new(Dying::new(Crash::Never));
        let run = scenario.live(&counted).await.map_err(|error| Stuck { crash: Crash::Never, error })?;
        let mut coverage = scenario.coverage.clone();
        let end = scenario.end(Crash::Never, run).await?;
        for run in std::iter::once(&end.run).chain(&end.others) {
            coverage.add(&run.inspect().await?.machine, &run.history().await?);
        }
        check(end).await;
        let n_calls = counted.n_writes();
        for call in 1..=n_calls {
            for crash in [Crash::Before(call), Crash::After(call)] {
                check((self.begin)().await?.make_good(crash).await?).await;
            }
        }
        Ok(Sweep { n_calls, coverage })
    }
}

impl<E> Scenario<E> {
    /// A scenario on an empty store that shares its clock with the workers.
    pub fn new(store: impl Store, clock: Arc<ManualClock>, effects: E) -> Self {
        let (outfit, coverage) = (Vec::new(), Coverage::new(&[]));
        let ran = Mutex::default();
        Self { store: Arc::new(store), reopen: None, clock, effects, outfit, coverage, start: None, ran }
    }

    /// Has the process that comes after a crash open the store again, where the store outlives its process.
    pub fn reopened_by<S: Store, F>(self, open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<S, StoreError>> + Send + 'static,
    {
        let reopen = move || -> BoxFuture<'static, Result<Arc<dyn Store>>> {
            let opened = open();
            Box::pin(async { Ok(Arc::new(opened.await?) as Arc<dyn Store>) })
        };
        Self { reopen: Some(Box::new(reopen)), ..self }
    }

    /// Runs these machines.
    pub fn machines(mut self, machines: &'static [Registration]) -> Self {
        self.coverage.know(machines);
        self.outfit(move |worker| worker.machines(machines))
    }

    /// Lends this value to every action that takes an argument of type `&T`.
    pub fn service<T: Clone + Send + Sync + 'static>(self, service: T) -> Self {
        self.outfit(move |worker| worker.service(service.clone()))
    }

    /// Starts an instance with this context.
    pub fn start<M: Machine>(self, context: M) -> Self {
        let start: Start = Box::new(move |worker| {
            let (client, context) = (worker.client(), context.clone());
            Box::pin(async move { client.start(context).key(KEY).await })
        });
        Self { start: Some(start), ..self }
    }

    fn outfit(mut self, outfit: impl Fn(StepWorker) -> StepWorker + Send + Sync + 'static) -> Self {
        self.outfit.push(Box::new(outfit));
        self
    }

    /// One process dies, and others come after it.
    async fn make_good(mut self, crash: Crash) -> Result<End<E>> {
        let mut dying = Arc::new(Dying::new(crash));
        for _ in 0..MAX_LIVES {
            match self.live(&dying).await {
                Ok(run) => return self.end(crash, run).await,
                Err(_) if dying.is_dead() => {}
                Err(error) => return Err(Stuck { crash, error }.into()),
            }
            if let Some(reopen) = &self.reopen {
                self.store = reopen().await?;
            }
            dying = Arc::new(Dying::new(Crash::Never));
        }
        Err(Stuck { crash, error: NoEnd.into() }.into())
    }

    /// A process's whole life: it starts the instance and works until there is nothing left to do.
    async fn live(&self, dying: &Arc<Dying>) -> Result<Run> {
        let store = FaultyStore::new(Arc::clone(&self.store), Arc::clone(dying));
        let worker = StepWorker::new(store, Arc::clone(&self.clock)).keeping_history();
        let mut worker = self.outfit.iter().fold(worker, |worker, outfit| outfit(worker));
        let start = self.start.as_ref().ok_or(NoStart)?;
        let run = start(&worker).await?;
        let idle = worker.run_until_idle().await;
        // A process that dies has run them too.
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).extend(worker.ran());
        idle?;
        Ok(run)
    }

    async fn end(self, crash: Crash, run: Run) -> Result<End<E>> {
        let client = Client::of_store(self.store);
        let run = client.run(run.id());
        let ran = self.ran.into_inner().unwrap_or_else(PoisonError::into_inner);
        let others = ran.into_iter().filter(|id| *id != run.id()).map(|id| client.run(id)).collect();
        let instance = run.inspect().await?;
        if instance.status.is_ended() {
            return Ok(End { crash, instance, run, others, effects: self.effects });
        }
        Err(Stuck { crash, error: NoEnd.into() }.into())
    }
}

impl<E> fmt::Debug for Scenario<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario").field("store", &self.store).finish_non_exhaustive()
    }
}

/// Names the crash, for the messages of assertions.
impl<E> fmt::Display for End<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.crash.fmt(f)
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("without a crash"),
            Self::Before(call) => write!(f, "after a crash before call {call}"),
            Self::After(call) => write!(f, "after a crash after call {call}"),
        }
    }
}

/// A process that dies at one call: once it has, every call fails, as nobody would be there to make it.
#[derive(Debug)]
struct Dying {
    crash: Crash,
    n_writes: AtomicU64,
    is_dead: AtomicBool,
}

impl Dying {
    fn new(crash: Crash) -> Self {
        Self { crash, n_writes: AtomicU64::new(0), is_dead: AtomicBool::new(false) }
    }

    fn n_writes(&self) -> u64 {
        self.n_writes.load(Ordering::Relaxed)
    }

    fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }

    fn die_at(&self, crash: Crash) -> Result<(), StoreError> {
        if self.crash == crash {
            self.is_dead.store(true, Ordering::Relaxed);
        }
        if self.is_dead() { Err(StoreError::new(StoreErrorKind::Internal, "the process has crashed")) } else { Ok(()) }
    }
}

impl Faults for Arc<Dying> {
    fn before(&self, call: Call) -> BoxFuture<'_, Result<(), StoreError>> {
        let n = if call.is_write() { self.n_writes.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 };
        Box::pin(std::future::ready(self.die_at(Crash::Before(n))))
    }

    fn after(&self, call: Call, _: Option<&StoreError>) -> Result<(), StoreError> {
        self.die_at(Crash::After(if call.is_write() { self.n_writes() } else { 0 }))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{crash} the instance does not come to its end: {error}")]
struct Stuck {
    crash: Crash,
    error: crate::Error,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "nothing is left to do, but it has not ended; is its queue paused, or the state of a task not among the machines?"
)]
struct NoEnd;

#[derive(Debug, thiserror::Error)]
#[error("the scenario starts nothing; give it an instance with `.start(…)`")]
struct NoStart;
