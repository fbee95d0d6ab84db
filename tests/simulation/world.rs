//! A store, its clock, and what happened so far.

use std::{collections::BTreeSet, sync::Arc};

use fantasm::{
    Client, Run,
    store::{InstanceStatus, StepVerdict, StoreError},
    testing::{ManualClock, Scenario, StepWorker},
};
use fantasm_tests::{Backend, Crash, Gate, Journal, Process};

use crate::{
    ledger::Ledger,
    machines::{self, Survey},
    weather::Weather,
};

/// Starting with it is idempotent, so that every life of a process may do so.
const KEY: &str = "survey";

/// What outlives the processes of a test.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ledger: Ledger,
    pub(crate) journal: Journal,
    weather: Weather,
}

impl World {
    pub(crate) fn memory() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self::on(Backend::memory(clock.clone()), clock)
    }

    pub(crate) async fn sqlite() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self::on(Backend::sqlite(clock.clone()).await.unwrap(), clock)
    }

    pub(crate) async fn postgres() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self::on(Backend::postgres(clock.clone()).await.unwrap(), clock)
    }

    fn on(backend: Backend, clock: Arc<ManualClock>) -> Self {
        Self { backend, clock, ledger: Ledger::default(), journal: Journal::default(), weather: Weather::default() }
    }

    /// The same world, where actions fail now and then.
    pub(crate) fn stormy(self, rng: fastrand::Rng) -> Self {
        Self { weather: Weather::stormy(rng), ..self }
    }

    /// A new process that dies as `crash` says.
    pub(crate) fn process(&self, crash: Crash) -> StepWorker {
        self.worker(Process::dying(crash, self.journal.clone()))
    }

    /// The same, taking turns with others.
    pub(crate) fn gated_process(&self, crash: Crash, gate: Gate) -> StepWorker {
        self.worker(Process::dying(crash, self.journal.clone()).gated(gate))
    }

    fn worker(&self, process: Process) -> StepWorker {
        StepWorker::new(process.on(self.backend.store()), self.clock.clone())
            .machines(machines::all())
            .service(self.ledger.clone())
            .service(self.weather.clone())
    }

    /// A process's whole life: makes sure that the survey is started, and works until there is nothing left to do.
    pub(crate) async fn live(&self, crash: Crash) -> Result<(), StoreError> {
        let mut worker = self.process(crash);
        match worker.client().start(Survey::default()).key(KEY).await {
            Err(fantasm::StartError::Store(error)) => return Err(error),
            started => started.unwrap(),
        };
        worker.run_until_idle().await
    }

    /// The survey, looked at from outside.
    pub(crate) async fn survey(&self) -> Run {
        Client::new(self.backend.store()).find::<Survey>(KEY).await.unwrap().expect("the survey was started")
    }

    /// The whole survey as something that the public harness can run.
    pub(crate) fn scenario(self) -> Scenario<Self> {
        let (open, clock) = (self.backend.opener(), self.clock.clone());
        let (ledger, weather) = (self.ledger.clone(), self.weather.clone());
        Scenario::new(self.backend.store(), clock, self)
            .reopened_by(open)
            .machines(machines::all())
            .service(ledger)
            .service(weather)
            .start(Survey::default())
    }

    /// Checks all that must hold once the survey has ended.
    pub(crate) async fn check(&self) {
        self.check_run(&self.survey().await).await;
    }

    /// The same of a survey that was started under another key.
    pub(crate) async fn check_run(&self, survey: &Run) {
        let instance = survey.inspect().await.unwrap();
        assert_eq!((instance.status, instance.n_live), (InstanceStatus::Finished, 0), "{instance:?}");
        let n_steps = self.ledger.check();
        let history = survey.history().await.unwrap();
        let done: Vec<_> =
            history.iter().filter(|step| step.verdict == StepVerdict::Done).map(|step| step.task).collect();
        assert_eq!(done.iter().collect::<BTreeSet<_>>().len(), done.len(), "no task is done twice");
        assert_eq!(done.len(), n_steps, "every step is committed once");
        self.backend.assert_no_work_left();
    }
}
