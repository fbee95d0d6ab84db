//! A store behind an `Arc` is one too, whatever kind it is of.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    Claim, Claiming, Commit, Instance, Lease, LogEntry, NewInstance, NewTask, Notifier, Started, Step, Store,
    StoreFuture, StoredTask,
};
use crate::id::{InstanceId, TaskId, WorkerId};

impl<S: Store + ?Sized> Store for Arc<S> {
    fn has_sql(&self) -> bool {
        (**self).has_sql()
    }

    fn schema(&self) -> Option<&str> {
        (**self).schema()
    }

    fn introduce(&self, starts: Vec<NewInstance>) -> StoreFuture<'_, ()> {
        (**self).introduce(starts)
    }

    fn start(&self, instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        (**self).start(instances)
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        (**self).register(worker, lease)
    }

    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        (**self).renew(worker, lease)
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        (**self).claim(claiming)
    }

    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<Duration>> {
        (**self).next_due(claiming)
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        (**self).advance(lease, next)
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        (**self).seal(lease)
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        (**self).commit(lease, commit)
    }

    fn release(&self, lease: Lease, delay: Duration) -> StoreFuture<'_, ()> {
        (**self).release(lease, delay)
    }

    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()> {
        (**self).retire(worker)
    }

    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool> {
        (**self).cancel(id)
    }

    fn retry(&self, id: InstanceId, into: Option<String>) -> StoreFuture<'_, u64> {
        (**self).retry(id, into)
    }

    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool> {
        (**self).set_instance_paused(id, is_paused)
    }

    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()> {
        (**self).set_paused(queue, is_paused)
    }

    fn paused(&self) -> StoreFuture<'_, Vec<String>> {
        (**self).paused()
    }

    fn purge(&self, ended_before: Timestamp, limit: NonZeroU32) -> StoreFuture<'_, u64> {
        (**self).purge(ended_before, limit)
    }

    fn history(&self, id: InstanceId) -> StoreFuture<'_, Vec<Step>> {
        (**self).history(id)
    }

    fn log(&self, id: InstanceId) -> StoreFuture<'_, Vec<LogEntry>> {
        (**self).log(id)
    }

    fn tasks(&self, after: TaskId, limit: NonZeroU32) -> StoreFuture<'_, Vec<StoredTask>> {
        (**self).tasks(after, limit)
    }

    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>> {
        (**self).instance(id)
    }

    fn find(&self, machine: String, key: String) -> StoreFuture<'_, Option<InstanceId>> {
        (**self).find(machine, key)
    }

    fn notifier(&self) -> &Notifier {
        (**self).notifier()
    }
}
