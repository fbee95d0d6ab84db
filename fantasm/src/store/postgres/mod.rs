//! One PostgreSQL database: the store of many workers.
//!
//! Steps that end at the same time are committed in groups ([`group`]), claims pass over what others have locked
//! ([`task`]), and a process hears of the others' writes by LISTEN ([`listen`]). Time is the database's, so that the
//! clocks of the workers' machines do not matter.
//!
//! Locks are taken in one order everywhere: workers, instances by number, tasks by number, windows. What meets out of this
//! order all the same, the database takes apart and we repeat.

mod dial;
mod error;
mod fan_in;
mod group;
mod history;
mod inner;
mod instance;
mod limit;
mod listen;
mod machine;
mod migrate;
mod open;
mod purge;
mod queue;
mod row;
mod statement;
mod stored;
mod task;
mod tx;
mod worker;
mod write;

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinSet};

pub(crate) use self::machine::start_within;
pub use self::open::PostgresStoreBuilder;
use self::{group::Waiting, inner::Inner, write::Write};
use super::{
    Claim, Claiming, Instance, Lease, LogEntry, Notifier, Started, Step, Store, StoreError, StoreFuture, StoredTask,
};
use crate::{
    engine::{Commit, NewInstance, NewTask},
    id::{InstanceId, TaskId, WorkerId},
};

/// Keeps everything in a schema of a PostgreSQL database (version 15 or newer), for workers in any number of processes.
///
/// Cloning is cheap and shares the connections.
///
/// ```no_run
/// # async fn example() -> fantasm::Result<()> {
/// let store = fantasm::store::PostgresStore::connect("postgres://app@localhost/app").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
    queue: mpsc::UnboundedSender<Waiting>,
    /// For steps with SQL of their own.
    alone: mpsc::UnboundedSender<Waiting>,
    /// The committers and the listener, which end with the last clone.
    _tasks: Arc<JoinSet<()>>,
}

impl PostgresStore {
    /// Connects to the database of that URL, and makes the schema `fantasm` or brings it up to date as needed.
    ///
    /// # Errors
    /// As [`PostgresStoreBuilder::connect`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::builder(url).connect().await
    }

    /// The same with settings.
    pub fn builder(url: &str) -> PostgresStoreBuilder {
        PostgresStoreBuilder::new(url)
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("schema", &self.inner.schema).finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    fn has_sql(&self) -> bool {
        true
    }

    fn schema(&self) -> Option<&str> {
        Some(&self.inner.schema)
    }

    fn introduce(&self, starts: Vec<NewInstance>) -> StoreFuture<'_, ()> {
        Box::pin(machine::introduce(&self.inner, starts))
    }

    fn start(&self, instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        let written = group::commit(&self.queue, Write::Start(instances));
        Box::pin(async move { written.await?.started() })
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        Box::pin(worker::register(&self.inner, worker, lease))
    }

    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        Box::pin(worker::renew(&self.inner, worker, lease))
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        Box::pin(async move {
            let mut limit = i64::from(claiming.limit.get());
            let first = task::claim(&self.inner, &claiming, limit).await?;
            let mut claims = first.claims;
            if first.is_other_silent {
                // What is taken back is due now, and so comes after what has been due already.
                self.inner.transaction(&Write::Rescue).await?;
                limit -= i64::try_from(claims.len()).unwrap_or(limit);
                claims.extend(task::claim(&self.inner, &claiming, limit).await?.claims);
            }
            Ok(claims)
        })
    }

    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<Duration>> {
        Box::pin(async move { task::next_due(&self.inner, &claiming).await })
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        let written = group::commit(&self.queue, Write::Advance(lease, next));
        Box::pin(async move { written.await?.whether() })
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        Box::pin(async move { self.inner.transaction(&Write::Seal(lease)).await?.sealed() })
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        let write = Write::Commit(lease, commit);
        let queue = if write.has_statements() { &self.alone } else { &self.queue };
        let written = group::commit(queue, write);
        Box::pin(async move { written.await?.nothing() })
    }

    fn release(&self, lease: Lease, delay: Duration) -> StoreFuture<'_, ()> {
        Box::pin(async move { task::release(&self.inner, &lease, delay).await })
    }

    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.inner.transaction(&Write::Retire(worker)).await?.nothing() })
    }

    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool> {
        Box::pin(async move { self.inner.transaction(&Write::Cancel(id)).await?.whether() })
    }

    fn retry(&self, id: InstanceId, into: Option<String>) -> StoreFuture<'_, u64> {
        Box::pin(async move { self.inner.transaction(&Write::Retry(id, into)).await?.count() })
    }

    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool> {
        Box::pin(async move { self.inner.transaction(&Write::PauseInstance(id, is_paused)).await?.whether() })
    }

    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.inner.transaction(&Write::PauseQueue(queue, is_paused)).await?.nothing() })
    }

    fn paused(&self) -> StoreFuture<'_, Vec<String>> {
        Box::pin(queue::paused(&self.inner))
    }

    fn purge(&self, ended_before: Timestamp, limit: NonZeroU32) -> StoreFuture<'_, u64> {
        Box::pin(async move { self.inner.transaction(&Write::Purge(ended_before, limit)).await?.count() })
    }

    fn history(&self, id: InstanceId) -> StoreFuture<'_, Vec<Step>> {
        Box::pin(history::steps(&self.inner, id))
    }

    fn log(&self, id: InstanceId) -> StoreFuture<'_, Vec<LogEntry>> {
        Box::pin(history::log(&self.inner, id))
    }

    fn tasks(&self, after: TaskId, limit: NonZeroU32) -> StoreFuture<'_, Vec<StoredTask>> {
        Box::pin(stored::tasks(&self.inner, after, limit))
    }

    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>> {
        Box::pin(instance::read(&self.inner, id))
    }

    fn find(&self, machine: String, key: String) -> StoreFuture<'_, Option<InstanceId>> {
        Box::pin(async move { instance::find(&self.inner, &machine, &key).await })
    }

    fn notifier(&self) -> &Notifier {
        &self.inner.notifier
    }
}
