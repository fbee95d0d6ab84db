//! A whole machine in one call: for scripts, tests of a request, and work that need not survive its process.

use std::sync::Arc;

use crate::{
    client::{Client, Run, RunError},
    clock::{Clock, ManualClock, SystemClock},
    machine::Machine,
    registry::{Registration, Registry},
    services::Services,
    store::{Instance, LogEntry, MemoryStore, Step, StepVerdict, Store},
    worker::{Stepper, WorkerError},
};

/// Runs instances at once, in the caller's task and without a store of the caller's: a start answers when all is done.
///
/// Everything is as with a worker: continuations, forks, fan-ins, retries, spawned instances. Only time is not: countdowns,
/// fan-in periods and backoffs are not waited for, but pass on a clock of their own. Tasks run one after the other, in the order
/// in which they are due, and nothing is kept: a process that dies meanwhile leaves nothing behind. An action that takes the
/// step's [`Transaction`](crate::Transaction) needs a database, so of a machine with such an action, whichever is run, nothing
/// is: [`RunError::NoTransactions`].
///
/// ```no_run
/// # use fantasm::{Machine, Registration};
/// # struct Mailer;
/// # async fn example<Report: Machine>(all: &'static [Registration], report: Report) -> fantasm::Result<()> {
/// use fantasm::Immediate;
///
/// let ended = Immediate::new(all /* machines::all() */).service(Mailer).run(report).await?;
/// println!("{} with {} messages", ended.instance.status, ended.log.len());
/// let report: Report = ended.context;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing runs before `run` is awaited"]
pub struct Immediate {
    registry: Registry,
    services: Services,
    max_steps: u32,
}

/// An instance that was run at once, and came to a good end.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ended<M> {
    /// What has become of it: finished, or halted.
    pub instance: Instance,
    /// The context of the branch that ended last.
    pub context: M,
    /// What its actions have logged, in order, whatever `logging` its machine has.
    pub log: Vec<LogEntry>,
}

impl Immediate {
    /// How many steps a run takes at most, unless said otherwise.
    const MAX_STEPS: u32 = 100_000;

    /// Runs instances of these machines; the generated `machines::all()` lists those of a fsm.yaml.
    pub fn new(machines: &'static [Registration]) -> Self {
        let mut registry = Registry::default();
        for machine in machines {
            registry.add(machine);
        }
        Self { registry, services: Services::default(), max_steps: Self::MAX_STEPS }
    }

    /// Lends this value to every action that takes an argument of type `&T`.
    pub fn service<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.services.insert(service);
        self
    }

    /// Gives a run up after so many steps (100,000 unless said otherwise): a machine may go in a circle, and a task without
    /// retry limits may fail for ever.
    pub fn max_steps(self, max_steps: u32) -> Self {
        Self { max_steps, ..self }
    }

    /// Runs an instance that starts with this context, and all that it spawns, until nothing is left to do.
    ///
    /// # Errors
    /// [`RunError::Failed`] when a task was given up, [`RunError::TooManySteps`], [`RunError::NoTransactions`], and what kept the run from its start: a
    /// context that cannot be stored, or a service or machine that is missing. An instance that was halted is no error.
    ///
    /// # Cancel safety
    /// Dropping the future ends everything at once, as a crash would; nothing is left behind.
    pub async fn run<M: Machine>(&self, context: M) -> Result<Ended<M>, RunError> {
        let clock = Arc::new(ManualClock::stopped_at(SystemClock.now()));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(clock.clone()));
        let mut stepper = Stepper::new(Arc::clone(&store), clock);
        stepper.shared.registry = self.registry.clone();
        stepper.shared.services = self.services.clone();
        stepper.shared.keeps_all_logs = true;
        stepper.shared.check().map_err(|error| match error {
            WorkerError::NoTransactions { machine, state } => RunError::NoTransactions { machine, state },
            error => error.into(),
        })?;
        if self.registry.get(M::DESCRIPTOR.name).is_none() {
            return Err(WorkerError::MissingMachine(M::DESCRIPTOR.name).into());
        }
        let run = Client::of_store(store).start(context).await?;
        let mut n_steps = 0;
        while stepper.step().await? {
            n_steps += 1;
            if n_steps > self.max_steps {
                return Err(self.too_many_steps(&run).await?);
            }
        }
        let instance = run.finished().await?;
        let context = instance.data()?;
        Ok(Ended { context, log: run.log().await?, instance })
    }

    async fn too_many_steps(&self, run: &Run) -> Result<RunError, RunError> {
        let is_failure = |step: &Step| matches!(step.verdict, StepVerdict::Retry | StepVerdict::Fail);
        let error = run.history().await?.into_iter().rev().find(is_failure).and_then(|step| step.error);
        Ok(RunError::TooManySteps { limit: self.max_steps, error })
    }
}
