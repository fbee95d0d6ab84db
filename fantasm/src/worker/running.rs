//! The tasks that a worker runs at present.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::Instant,
};

use super::{
    Shared,
    dispatch::{Dispatched, UNKNOWN_DELAY, dispatch},
};
use crate::{
    builtin,
    id::InstanceId,
    patience::patiently,
    store::{Claim, Lease, StoreError, StoreErrorKind},
};

/// What the task of a claim comes to, with the number that tokio has for it.
pub(super) type Done = Result<(Id, Result<Dispatched, StoreError>), JoinError>;

/// The tasks that a worker runs at present, and by which right.
#[derive(Debug, Default)]
pub(super) struct Running {
    tasks: JoinSet<Result<Dispatched, StoreError>>,
    held: HashMap<Id, Held>,
}

/// What tasks have slots of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Steps of machines.
    Steps,
    /// Webhooks: they wait for others, and many that hang would keep all steps waiting.
    Webhooks,
}

impl Lane {
    /// That of a task of this machine.
    pub(super) fn of(machine: &str) -> Self {
        if machine == builtin::WEBHOOK_MACHINE { Self::Webhooks } else { Self::Steps }
    }
}

#[derive(Debug)]
struct Held {
    lease: Lease,
    lane: Lane,
    instance: InstanceId,
    since: Instant,
    abort: AbortHandle,
}

impl Running {
    /// Begins to run a claimed task.
    pub(super) fn begin(&mut self, shared: &Arc<Shared>, claim: Claim) {
        let (lease, instance, lane) = (claim.lease, claim.task.instance, Lane::of(&claim.task.machine));
        let shared = Arc::clone(shared);
        let abort = self.tasks.spawn(async move { dispatch(&shared, claim).await });
        self.held.insert(abort.id(), Held { lease, lane, instance, since: Instant::now(), abort });
    }

    pub(super) fn count(&self, lane: Lane) -> usize {
        self.held.values().filter(|held| held.lane == lane).count()
    }

    /// Waits for the next task that is done with; nothing when none runs.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping the future.
    pub(super) async fn next(&mut self) -> Option<Done> {
        self.tasks.join_next_with_id().await
    }

    /// A task that is done with already.
    pub(super) fn try_next(&mut self) -> Option<Done> {
        self.tasks.try_join_next_with_id()
    }

    /// Hears what became of a task.
    ///
    /// User code's panics are caught long before. One that came through is a defect, and its task would be held as long as
    /// the worker lives: so it is given back, for later.
    pub(super) async fn settle(&mut self, shared: &Shared, done: Done) -> Result<(), StoreError> {
        let error = match done {
            Ok((id, dispatched)) => {
                self.held.remove(&id);
                return dispatched.map(|_| ());
            }
            Err(error) => error,
        };
        let held = self.held.remove(&error.id());
        let Some(Held { lease, .. }) = held.filter(|_| !error.is_cancelled()) else { return Ok(()) };
        tracing::error!(%error, task = %lease.task, "a task was dropped and is given back");
        match patiently(shared.patience, || shared.store.release(lease, UNKNOWN_DELAY)).await {
            Err(error) if error.kind() == StoreErrorKind::LeaseLost => Ok(()),
            answer => answer,
        }
    }

    /// Drops the tasks that have run for some time and whose instance has ended meanwhile: it was cancelled, or halted by
    /// another branch, and nothing that they do can be committed.
    ///
    /// A store that does not answer is asked again next time.
    pub(super) async fn drop_ended(&mut self, shared: &Shared, older_than: Duration) {
        let old = self.held.values().filter(|held| held.since.elapsed() >= older_than);
        let instances: HashSet<InstanceId> = old.map(|held| held.instance).collect();
        for id in instances {
            let Ok(instance) = shared.store.instance(id).await else { continue };
            if instance.is_none_or(|instance| instance.status.is_ended()) {
                tracing::info!(instance = %id, "the instance has ended: what runs of it is dropped");
                self.held.values().filter(|held| held.instance == id).for_each(|held| held.abort.abort());
            }
        }
    }

    /// Drops all that runs, and waits until it is gone.
    pub(super) async fn shutdown(&mut self) {
        self.tasks.shutdown().await;
        self.held.clear();
    }
}
