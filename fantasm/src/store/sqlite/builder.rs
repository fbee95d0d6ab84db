//! What can be said of a store before it is opened.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{SqliteStore, open, reader::Readers, time_limit::TimeLimit, writer::Writer};
use crate::{
    clock::{Clock, SystemClock},
    store::{Notifier, StoreError, StoreErrorKind},
};

/// A [`SqliteStore`] to be.
///
/// ```no_run
/// # async fn example() -> fantasm::Result<()> {
/// use std::time::Duration;
/// use fantasm::store::SqliteStore;
///
/// let store = SqliteStore::builder("jobs.db").statement_timeout(Duration::from_secs(2)).open().await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is opened before `open`"]
pub struct SqliteStoreBuilder {
    path: PathBuf,
    statement_timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl SqliteStoreBuilder {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), statement_timeout: Duration::from_secs(5), clock: Arc::new(SystemClock) }
    }

    /// Interrupts a statement of a step's own SQL that takes longer (5 seconds unless said otherwise, which is less than a
    /// lease): SQLite has one writer, and all others wait for it, heartbeats too. The attempt has then failed, and nothing of
    /// it is kept.
    pub fn statement_timeout(self, timeout: Duration) -> Self {
        Self { statement_timeout: timeout, ..self }
    }

    /// Takes the time from this clock instead of the system's.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Opens the file, and makes it or brings its schema up to date as needed.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        let open = move || {
            let Self { path, statement_timeout, clock } = self;
            let mut connection = open::open(&path)?;
            let time_limit = TimeLimit::on(&mut connection, statement_timeout)?;
            let notifier = Arc::new(Notifier::new());
            let writer = Writer::spawn(connection, time_limit, Arc::clone(&clock), Arc::clone(&notifier))?;
            Ok(SqliteStore { writer: Arc::new(writer), readers: Arc::new(Readers::new(path)), notifier, clock })
        };
        tokio::task::spawn_blocking(open).await.map_err(|error| {
            StoreError::new(StoreErrorKind::Internal, "opening the database did not finish").with_source(error)
        })?
    }
}

impl fmt::Debug for SqliteStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStoreBuilder").field("path", &self.path).finish_non_exhaustive()
    }
}
