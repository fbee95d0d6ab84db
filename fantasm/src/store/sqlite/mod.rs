//! One SQLite file: the embedded store.
//!
//! All writes go through one thread, which commits those that wait for it as one group ([`writer`]); readers have
//! connections of their own. The file is in WAL mode with `synchronous = FULL`: a commit that was answered survives a
//! power cut ([SQLite's documentation](https://www.sqlite.org/pragma.html#pragma_synchronous)).

mod builder;
mod error;
mod fan_in;
mod history;
mod instance;
mod migrate;
mod open;
mod queue;
mod reader;
mod row;
mod statement;
mod stored;
mod task;
mod time_limit;
mod worker;
mod writer;

use std::{num::NonZeroU32, path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;

pub use self::builder::SqliteStoreBuilder;
use self::{reader::Readers, writer::Writer};
use super::{
    Claim, Claiming, Instance, Lease, LogEntry, Notifier, Started, Step, Store, StoreError, StoreErrorKind,
    StoreFuture, StoredTask,
};
use crate::{
    clock::Clock,
    engine::{Commit, NewInstance, NewTask},
    id::{InstanceId, TaskId, WorkerId},
};

/// Keeps everything in one SQLite file, which may hold tables of yours too: those of fantasm begin with `fantasm_`.
///
/// Several processes of one machine may share the file. Cloning is cheap and shares the connections.
///
/// ```no_run
/// # async fn example() -> fantasm::Result<()> {
/// let store = fantasm::store::SqliteStore::open("jobs.db").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SqliteStore {
    // Readers are closed first: only a last connection that may write folds the write-ahead log into the file.
    readers: Arc<Readers>,
    writer: Arc<Writer>,
    notifier: Arc<Notifier>,
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens a file, and makes it or brings its schema up to date as needed.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] when somebody else has locked the file for longer than five seconds;
    /// [`StoreErrorKind::Unusable`] when it is no SQLite database, is damaged, cannot be written, or was made by a
    /// newer fantasm. The file is then as it was.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::builder(path).open().await
    }

    /// The same on a clock of the caller's.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_with_clock(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::builder(path).clock(clock).open().await
    }

    /// A store in that file, of which there is more to be said before it is opened.
    pub fn builder(path: impl AsRef<Path>) -> SqliteStoreBuilder {
        SqliteStoreBuilder::new(path.as_ref())
    }

    /// Reads tasks from a file, as [`Store::tasks`] does, and leaves the file as it is: no worker is needed, none is disturbed,
    /// and the schema is not brought up to date.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unusable`] when there is no such file, or it is no store of this or an older fantasm.
    pub async fn read_tasks(
        path: impl AsRef<Path>,
        after: TaskId,
        limit: NonZeroU32,
    ) -> Result<Vec<StoredTask>, StoreError> {
        let path = path.as_ref().to_owned();
        let read = move || open::only_to_look(&path).and_then(|db| stored::tasks(&db, after, limit));
        tokio::task::spawn_blocking(read).await.map_err(|error| {
            StoreError::new(StoreErrorKind::Internal, "reading the database did not finish").with_source(error)
        })?
    }
}

impl Store for SqliteStore {
    fn has_sql(&self) -> bool {
        true
    }

    fn start(&self, instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        self.writer.write(move |tx| instances.iter().map(|new| instance::start(tx, new)).collect())
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.writer.write(move |tx| worker::register(tx, worker, lease))
    }

    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.writer.write(move |tx| worker::renew(tx, worker, lease))
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        self.writer.write(move |tx| {
            worker::require(tx, claiming.worker)?;
            worker::rescue(tx)?;
            task::claim(tx, &claiming)
        })
    }

    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<Duration>> {
        let clock = Arc::clone(&self.clock);
        self.readers.read(move |db| task::next_due(db, &claiming, clock.now()))
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        self.writer.write(move |tx| task::advance(tx, &lease, &next))
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        self.writer.write(move |tx| fan_in::seal(tx, &lease))
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        self.writer.write(move |tx| task::commit(tx, &lease, &commit))
    }

    fn release(&self, lease: Lease, delay: Duration) -> StoreFuture<'_, ()> {
        self.writer.write(move |tx| task::release(tx, &lease, delay))
    }

    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()> {
        self.writer.write(move |tx| worker::retire(tx, worker))
    }

    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool> {
        self.writer.write(move |tx| instance::cancel(tx, id))
    }

    fn retry(&self, id: InstanceId, into: Option<String>) -> StoreFuture<'_, u64> {
        self.writer.write(move |tx| instance::retry(tx, id, into.as_deref()))
    }

    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool> {
        self.writer.write(move |tx| instance::set_paused(tx, id, is_paused))
    }

    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()> {
        self.writer.write(move |tx| queue::set_paused(tx, &queue, is_paused))
    }

    fn paused(&self) -> StoreFuture<'_, Vec<String>> {
        self.readers.read(queue::paused)
    }

    fn purge(&self, ended_before: Timestamp, limit: NonZeroU32) -> StoreFuture<'_, u64> {
        self.writer.write(move |tx| instance::purge(tx, ended_before, limit))
    }

    fn history(&self, id: InstanceId) -> StoreFuture<'_, Vec<Step>> {
        self.readers.read(move |db| history::steps(db, id))
    }

    fn log(&self, id: InstanceId) -> StoreFuture<'_, Vec<LogEntry>> {
        self.readers.read(move |db| history::log(db, id))
    }

    fn tasks(&self, after: TaskId, limit: NonZeroU32) -> StoreFuture<'_, Vec<StoredTask>> {
        self.readers.read(move |db| stored::tasks(db, after, limit))
    }

    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>> {
        self.readers.read(move |db| instance::read(db, id))
    }

    fn find(&self, machine: String, key: String) -> StoreFuture<'_, Option<InstanceId>> {
        self.readers.read(move |db| instance::find(db, &machine, &key))
    }

    fn notifier(&self) -> &Notifier {
        &self.notifier
    }
}
