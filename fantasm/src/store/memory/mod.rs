//! The reference store: the smallest correct one, in memory.

mod branch;
#[cfg(test)]
mod tests;
mod world;

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use self::{
    branch::Owner,
    world::{World, after},
};
use super::{
    Claim, Claiming, Instance, Lease, LogEntry, Notifier, Started, Step, Store, StoreError, StoreFuture, StoredTask,
};
use crate::{
    clock::{Clock, SystemClock, until},
    engine::{Commit, NewInstance, NewTask},
    id::{InstanceId, TaskId, WorkerId},
};

/// Keeps everything in memory: for tests, simulation, and jobs that need not survive their process.
///
/// Clones share one state, so that a test can let a worker die and another go on with its store.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
    notifier: Arc<Notifier>,
}

impl MemoryStore {
    /// An empty store on the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store on the given clock.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { world: Arc::default(), clock, notifier: Arc::default() }
    }

    /// Runs one transaction. Every one checks before it changes anything, so that an error leaves no trace.
    fn transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World, Timestamp) -> Result<T, StoreError>,
    ) -> StoreFuture<'_, T> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = work(&mut world, self.clock.now());
        let ended = std::mem::take(&mut world.ended);
        let is_due_changed = std::mem::take(&mut world.is_due_changed);
        drop(world);
        if is_due_changed {
            self.notifier.notify_due();
        }
        ended.into_iter().for_each(|instance| self.notifier.notify_ended(instance));
        Box::pin(std::future::ready(answer))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn start(&self, instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        self.transaction(|world, now| Ok(instances.into_iter().map(|new| world.start(new, now)).collect()))
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            world.workers.insert(worker, after(now, lease));
            Ok(())
        })
    }

    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            let expires_at = world.workers.get_mut(&worker).ok_or_else(StoreError::lease_lost)?;
            *expires_at = after(now, lease);
            Ok(())
        })
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        self.transaction(|world, now| {
            if world.workers.get(&claiming.worker).is_none_or(|expires_at| *expires_at <= now) {
                return Err(StoreError::lease_lost());
            }
            world.rescue(now);
            Ok(world.claim(&claiming, now))
        })
    }

    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<Duration>> {
        self.transaction(|world, now| {
            let lease_ends = world.workers.iter().filter(|(id, _)| **id != claiming.worker).map(|(_, at)| *at);
            let due = world.due.iter().find(|(_, id)| world.is_wanted(*id, &claiming)).map(|(at, _)| *at);
            // What waits for other branches has no time of its own.
            let due = due.filter(|at| *at < Timestamp::MAX);
            Ok(lease_ends.chain(due).min().map(|due| until(due, now)))
        })
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        self.transaction(|world, now| {
            let row = world.leased(&lease)?;
            if std::mem::replace(&mut row.is_continued, true) {
                return Ok(false);
            }
            let owner = Owner::of(&row.task);
            world.insert(&owner, next, None, now);
            Ok(true)
        })
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        self.transaction(|world, _| {
            let window = world.leased(&lease)?.task.window;
            let window = window.and_then(|id| world.windows.get_mut(&id));
            Ok(window
                .map(|window| {
                    window.is_sealed = true;
                    window.packages.clone()
                })
                .unwrap_or_default())
        })
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| world.commit(&lease, commit, now))
    }

    fn release(&self, lease: Lease, delay: Duration) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            world.leased(&lease)?.task.attempt -= 1;
            world.schedule(lease.task, after(now, delay));
            Ok(())
        })
    }

    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            world.workers.remove(&worker);
            for id in world.tasks_of(|owner| *owner == worker) {
                if let Some(row) = world.tasks.get_mut(&id) {
                    row.task.attempt -= 1;
                }
                world.schedule(id, now);
            }
            Ok(())
        })
    }

    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool> {
        self.transaction(move |world, now| Ok(world.cancel(id, now)))
    }

    fn retry(&self, id: InstanceId, into: Option<String>) -> StoreFuture<'_, u64> {
        self.transaction(move |world, now| Ok(world.retry(id, into.as_deref(), now)))
    }

    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool> {
        self.transaction(move |world, _| Ok(world.set_instance_paused(id, is_paused)))
    }

    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()> {
        self.transaction(move |world, _| {
            world.is_due_changed = true;
            if is_paused {
                world.paused.insert(queue);
            } else {
                world.paused.remove(&queue);
            }
            Ok(())
        })
    }

    fn paused(&self) -> StoreFuture<'_, Vec<String>> {
        self.transaction(|world, _| Ok(world.paused.iter().cloned().collect()))
    }

    fn purge(&self, ended_before: Timestamp, limit: NonZeroU32) -> StoreFuture<'_, u64> {
        self.transaction(move |world, _| Ok(world.purge(ended_before, limit)))
    }

    fn history(&self, id: InstanceId) -> StoreFuture<'_, Vec<Step>> {
        self.transaction(move |world, _| Ok(world.history.get(&id).cloned().unwrap_or_default()))
    }

    fn log(&self, id: InstanceId) -> StoreFuture<'_, Vec<LogEntry>> {
        self.transaction(move |world, _| Ok(world.logs.get(&id).cloned().unwrap_or_default()))
    }

    fn tasks(&self, after: TaskId, limit: NonZeroU32) -> StoreFuture<'_, Vec<StoredTask>> {
        self.transaction(move |world, _| Ok(world.stored(after, limit)))
    }

    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>> {
        self.transaction(|world, _| Ok(world.instance(id)))
    }

    fn find(&self, machine: String, key: String) -> StoreFuture<'_, Option<InstanceId>> {
        self.transaction(|world, _| Ok(world.keys.get(&(machine, key)).copied()))
    }

    fn notifier(&self) -> &Notifier {
        &self.notifier
    }
}
