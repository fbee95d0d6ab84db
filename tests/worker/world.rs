//! A store on tokio's time, and jobs on it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use fantasm::{
    Client, Clock, Run, Worker, WorkerBuilder,
    store::{InstanceStatus, Store, StoreError},
};
use fantasm_tests::{Backend, Call, Journal, Process, TokioClock};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    job::Desk,
    machines::{self, Job},
};

/// How often the workers of the tests renew their leases; who misses two is dead.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long jobs may take before the test says that they do not get on.
const PATIENCE: Duration = Duration::from_secs(600);

/// What outlives the workers of a test.
#[derive(Debug)]
pub(crate) struct World {
    backend: Backend,
    clock: Arc<TokioClock>,
    journal: Journal,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(TokioClock::new());
        Self { backend: Backend::memory(clock.clone()), clock, journal: Journal::default() }
    }

    /// A worker to be started, whose jobs are at `desk`.
    pub(crate) fn worker(&self, desk: &Desk) -> WorkerBuilder {
        self.faulty_worker(desk, |_| None)
    }

    /// The same, on a store that fails as `script` says.
    pub(crate) fn faulty_worker(
        &self,
        desk: &Desk,
        script: impl Fn(Call) -> Option<StoreError> + Send + Sync + 'static,
    ) -> WorkerBuilder {
        Worker::builder(Process::scripted(self.journal.clone(), script).on(self.backend.store()))
            .machines(machines::all())
            .service(desk.clone())
            .clock(self.clock.clone())
            .heartbeat(HEARTBEAT)
            .keep_forever()
    }

    /// Starts jobs 1 to `n`.
    pub(crate) async fn start(&self, n: i64) -> Vec<Run> {
        let client = self.client();
        let mut runs = Vec::new();
        for number in 1..=n {
            runs.push(client.start(Job { number, ..Job::default() }).await.unwrap());
        }
        runs
    }

    /// A client of the store itself.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.backend.store())
    }

    /// Waits until all have ended well, and checks that each of their steps was committed once.
    pub(crate) async fn finish(&self, runs: &[Run]) {
        self.ended(runs).await;
        self.assert_done_once(runs);
    }

    /// Waits until all have ended well.
    pub(crate) async fn ended(&self, runs: &[Run]) {
        for run in runs {
            let ended = tokio::time::timeout(PATIENCE, run.finished()).await.expect("the job gets on");
            assert_eq!(ended.unwrap().status, InstanceStatus::Finished);
        }
    }

    /// Checks that each step of `runs` was committed once.
    ///
    /// On several threads, after the workers have stopped: an end is told while the commit that made it is on its way
    /// to the journal.
    pub(crate) fn assert_done_once(&self, runs: &[Run]) {
        let done = self.journal.done();
        assert_eq!(done.iter().collect::<BTreeSet<_>>().len(), done.len(), "no task is done twice");
        assert_eq!(done.len(), 2 * runs.len(), "every task is done once");
        self.backend.assert_no_work_left();
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        self.backend.store()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Moves tokio's time on, step by step as real time comes, so that whatever is due on the way is done on the way.
pub(crate) async fn pass(time: Duration) {
    const STEP: Duration = Duration::from_millis(100);
    let end = Instant::now() + time;
    while Instant::now() < end {
        tokio::time::advance(STEP).await;
    }
}
