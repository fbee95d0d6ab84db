//! A fresh store and what the cases do with it again and again.

use std::{any::Any, fmt, num::NonZeroU32, sync::Arc, time::Duration};

use crate::{
    clock::ManualClock,
    id::{InstanceId, TaskKey, WorkerId},
    store::{
        Claim, Claiming, Closing, Hop, Instance, Lease, NewInstance, NewPackage, NewTask, Next, Started, Store,
        StoreError, Verdict,
    },
};

/// How long the workers of the cases live without a heartbeat.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// How long the windows of the cases stay open.
pub(super) const PERIOD: Duration = Duration::from_secs(2);

/// The machine of the cases.
pub(super) const MACHINE: &str = "Machine";

/// A fresh store on a clock that stands still until a case moves it.
pub struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<ManualClock>,
    kept: Option<Box<dyn Any + Send>>,
}

impl World {
    /// A world around an empty store that reads its time from `clock`.
    pub fn new(store: impl Store, clock: Arc<ManualClock>) -> Self {
        Self { store: Arc::new(store), clock, kept: None }
    }

    /// Keeps something until the case has ended: the store's temporary folder, for one.
    #[must_use]
    pub fn keeping(self, guard: impl Any + Send) -> Self {
        Self { kept: Some(Box::new(guard)), ..self }
    }

    /// Registers a worker.
    pub(super) async fn worker(&self) -> Result<WorkerId, StoreError> {
        let worker = WorkerId::random();
        self.store.register(worker, LEASE).await?;
        Ok(worker)
    }

    /// Starts an instance with a first task that is due at once.
    pub(super) async fn start(&self) -> Result<InstanceId, StoreError> {
        Ok(self.start_with(None, task("first")).await?.id)
    }

    pub(super) async fn start_with(&self, key: Option<&str>, first: impl Into<Next>) -> Result<Started, StoreError> {
        self.start_one(NewInstance { key: key.map(str::to_owned), ..instance(first) }).await
    }

    pub(super) async fn start_one(&self, instance: NewInstance) -> Result<Started, StoreError> {
        let mut started = self.store.start(vec![instance]).await?;
        assert_eq!(started.len(), 1, "every instance is answered");
        Ok(started.remove(0))
    }

    /// Starts an instance and claims its first task for a worker of its own.
    pub(super) async fn claimed(&self) -> Result<Claim, StoreError> {
        let worker = self.worker().await?;
        self.start().await?;
        self.claim_one(worker).await
    }

    /// Starts an instance that forks into `n` branches, whose tasks a new worker has claimed.
    pub(super) async fn branches(&self, n: usize) -> Result<Vec<Claim>, StoreError> {
        let root = self.claimed().await?;
        let forks = (0..n).map(|branch| task(&format!("branch {branch}")).into());
        self.done(root.lease, forks.collect()).await?;
        self.claim(root.lease.worker).await
    }

    /// Claims all that is due.
    pub(super) async fn claim(&self, worker: WorkerId) -> Result<Vec<Claim>, StoreError> {
        self.store.claim(claiming(worker)).await
    }

    /// Claims all that is due, which is to be one task.
    pub(super) async fn claim_one(&self, worker: WorkerId) -> Result<Claim, StoreError> {
        let mut claims = self.claim(worker).await?;
        assert_eq!(claims.len(), 1, "one task is due: {claims:?}");
        Ok(claims.remove(0))
    }

    /// The contexts of the tasks that are due, which `worker` has then claimed.
    pub(super) async fn claim_contexts(&self, worker: WorkerId) -> Result<Vec<String>, StoreError> {
        Ok(self.claim(worker).await?.into_iter().map(|claim| claim.task.context).collect())
    }

    pub(super) async fn done(&self, lease: Lease, next: Vec<Next>) -> Result<(), StoreError> {
        self.store.commit(lease, Verdict::Done { next, context: context("done") }.into()).await
    }

    pub(super) async fn instance(&self, id: InstanceId) -> Result<Instance, StoreError> {
        let instance = self.store.instance(id).await?;
        Ok(instance.expect("the instance was started"))
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, clock, kept } = self;
        f.debug_struct("World").field("store", store).field("clock", clock).field("keeps", &kept.is_some()).finish()
    }
}

/// What takes all that is due.
pub(super) fn claiming(worker: WorkerId) -> Claiming {
    Claiming { machines: vec![MACHINE.to_owned()], ..Claiming::new(worker, NonZeroU32::MAX) }
}

/// An instance of the cases' machine.
pub(super) fn instance(first: impl Into<Next>) -> NewInstance {
    NewInstance::new(MACHINE, context("start"), first)
}

/// A context that tells the cases' tasks apart.
pub(super) fn context(name: &str) -> String {
    serde_json::json!({ "name": name }).to_string()
}

/// A task that is due at once.
pub(super) fn task(name: &str) -> NewTask {
    NewTask::new(TaskKey::random(), Hop::Start { to: "State".to_owned() }, "default", context(name))
}

/// The same task, due later.
pub(super) fn delayed(name: &str, seconds: u64) -> NewTask {
    NewTask { delay: Duration::from_secs(seconds), ..task(name) }
}

/// A package without a group.
pub(super) fn package(name: &str) -> NewPackage {
    NewPackage {
        window_key: TaskKey::random(),
        hop: hop("From", "event", "Gather"),
        group: None,
        queue: "default".to_owned(),
        target: None,
        context: context(name),
        queue_override: None,
        closing: Closing::After { period: PERIOD, max: None },
        rank: 0,
    }
}

pub(super) fn hop(from: &str, event: &str, to: &str) -> Hop {
    Hop::Transition { from: from.to_owned(), event: event.to_owned(), to: to.to_owned() }
}
