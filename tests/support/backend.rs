//! The stores that a test runs on, and a look below their surface.

use std::{fmt, sync::Arc};

use fantasm::{
    BoxFuture, Clock, WorkerId,
    store::{MemoryStore, PostgresStore, SqliteStore, Store, StoreError},
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::Cluster;

/// A store for the length of a test.
#[derive(Debug)]
pub enum Backend {
    /// The reference.
    Memory(MemoryStore),
    /// A file in a temporary folder.
    Sqlite {
        /// The store on that file.
        store: SqliteStore,
        /// Deleted at the end.
        folder: TempDir,
        /// The store's clock.
        clock: Arc<dyn Clock>,
    },
    /// A schema of its own in the cluster that the tests of a process share.
    Postgres {
        /// The store in that schema.
        store: PostgresStore,
        /// The schema.
        schema: String,
        /// The store's clock.
        clock: Arc<dyn Clock>,
    },
}

impl Backend {
    /// The name of SQLite's file in its folder.
    pub const FILE: &str = "store.db";

    /// Makes an empty store in memory.
    pub fn memory(clock: Arc<dyn Clock>) -> Self {
        Self::Memory(MemoryStore::with_clock(clock))
    }

    /// Makes an empty store on SQLite.
    ///
    /// # Errors
    /// The store's.
    ///
    /// # Panics
    /// When there is no room for temporary files.
    pub async fn sqlite(clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        // Worlds kill processes, not disks: where there is a file system in memory they take a tenth of the time on it.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
        let folder = folder.expect("tests need a folder for temporary files");
        let store = SqliteStore::open_with_clock(folder.path().join(Self::FILE), Arc::clone(&clock)).await?;
        Ok(Self::Sqlite { store, folder, clock })
    }

    /// Makes an empty store on PostgreSQL.
    ///
    /// # Errors
    /// The store's.
    ///
    /// # Panics
    /// When PostgreSQL is not installed.
    pub async fn postgres(clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let schema = format!("world {}", WorkerId::random());
        let store = open_schema(&schema, &clock).await?;
        Ok(Self::Postgres { store, schema, clock })
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory(store) => Arc::new(store.clone()),
            Self::Sqlite { store, .. } => Arc::new(store.clone()),
            Self::Postgres { store, .. } => Arc::new(store.clone()),
        }
    }

    /// Opens the store once more each time, as a new process does, as far as the store outlives its process.
    pub fn opener(&self) -> impl Fn() -> BoxFuture<'static, Result<Arc<dyn Store>, StoreError>> + Send + Sync + use<> {
        type Opened = BoxFuture<'static, Result<Arc<dyn Store>, StoreError>>;
        let open: Box<dyn Fn() -> Opened + Send + Sync> = match self {
            Self::Memory(_) => {
                let store = self.store();
                Box::new(move || Box::pin(std::future::ready(Ok(Arc::clone(&store)))))
            }
            Self::Sqlite { folder, clock, .. } => {
                let (path, clock) = (folder.path().join(Self::FILE), Arc::clone(clock));
                Box::new(move || {
                    let opened = SqliteStore::open_with_clock(path.clone(), Arc::clone(&clock));
                    Box::pin(async { Ok(Arc::new(opened.await?) as Arc<dyn Store>) })
                })
            }
            Self::Postgres { schema, clock, .. } => {
                let (schema, clock) = (schema.clone(), Arc::clone(clock));
                Box::new(move || {
                    let (schema, clock) = (schema.clone(), Arc::clone(&clock));
                    Box::pin(async move { Ok(Arc::new(open_schema(&schema, &clock).await?) as Arc<dyn Store>) })
                })
            }
        };
        open
    }

    /// Lets go of what a process holds and opens it again, as far as the store outlives its process.
    ///
    /// # Errors
    /// The store's.
    pub async fn reopen(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Memory(_) => {}
            Self::Sqlite { store, folder, clock } => {
                *store = SqliteStore::open_with_clock(folder.path().join(Self::FILE), Arc::clone(clock)).await?;
            }
            Self::Postgres { store, schema, clock } => *store = open_schema(schema, clock).await?,
        }
        Ok(())
    }

    /// Empties a schema of PostgreSQL; one that is made anew takes much longer.
    ///
    /// # Panics
    /// When it cannot be emptied, or the store is another.
    pub fn clear(&self) {
        let Self::Postgres { schema, .. } = self else { panic!("only a schema of PostgreSQL is emptied") };
        let tables = ["instance", "task", "window", "work_package", "worker", "step", "log", "paused_queue"];
        let tables = tables.map(|table| format!("\"{schema}\".{table}")).join(", ");
        Cluster::shared().query(&format!("TRUNCATE {tables} RESTART IDENTITY"));
    }

    /// Runs SQL beside the store's own, where the store has some.
    ///
    /// # Panics
    /// When it fails, or the store is in memory.
    pub fn execute(&self, sql: &str) {
        match self {
            Self::Memory(_) => panic!("a store in memory has no SQL"),
            Self::Sqlite { .. } => self.file().execute_batch(sql).expect("the test's SQL is right"),
            Self::Postgres { .. } => drop(Cluster::shared().query(sql)),
        }
    }

    /// The numbers that a query answers, where the store has SQL.
    ///
    /// # Panics
    /// When it fails, or the store is in memory.
    #[must_use]
    pub fn numbers(&self, sql: &str) -> Vec<i64> {
        match self {
            Self::Memory(_) => panic!("a store in memory has no SQL"),
            Self::Sqlite { .. } => {
                let file = self.file();
                let mut query = file.prepare(sql).expect("the test's SQL is right");
                let numbers = query.query_map([], |row| row.get(0)).expect("the test's SQL is right");
                numbers.map(|number| number.expect("the query answers numbers")).collect()
            }
            Self::Postgres { .. } => {
                let lines = Cluster::shared().query(sql);
                lines.lines().map(|line| line.parse().expect("the query answers numbers")).collect()
            }
        }
    }

    /// A connection of its own to the file.
    fn file(&self) -> Connection {
        let Self::Sqlite { folder, .. } = self else { panic!("only SQLite keeps a file here") };
        Connection::open(folder.path().join(Self::FILE)).expect("the store's file opens")
    }

    /// Fails unless all tasks, windows and packages are gone.
    ///
    /// # Panics
    /// When there are some, or the file cannot be read.
    pub fn assert_no_work_left(&self) {
        self.assert_empty(&["tasks", "due"], &["task"]);
        self.assert_no_batch_left();
    }

    /// Fails if the batch of a fan-in is still there, or a context that waits for one.
    ///
    /// # Panics
    /// That is how it fails.
    pub fn assert_no_batch_left(&self) {
        self.assert_empty(&["windows"], &["window", "work_package"]);
    }

    fn assert_empty(&self, in_memory: &[&str], tables: &[&str]) {
        match self {
            Self::Memory(store) => {
                let rows = format!("{store:?}");
                for table in in_memory {
                    assert!(rows.contains(&format!("{table}: {{}}")), "{table} are left over: {rows}");
                }
            }
            Self::Sqlite { .. } => {
                let db = self.file();
                for table in tables {
                    let sql = format!("SELECT count(*) FROM fantasm_{table}");
                    let n_rows: i64 = db.query_row(&sql, [], |row| row.get(0)).expect("the store's file is read");
                    assert_eq!(n_rows, 0, "rows of {table} are left over");
                }
            }
            Self::Postgres { schema, .. } => {
                let count = |table| format!("(SELECT count(*) FROM \"{schema}\".{table})");
                let sum = tables.iter().map(count).collect::<Vec<_>>().join(" + ");
                assert_eq!(Cluster::shared().query(&format!("SELECT {sum}")), "0", "rows of {tables:?} are left over");
            }
        }
    }
}

async fn open_schema(schema: &str, clock: &Arc<dyn Clock>) -> Result<PostgresStore, StoreError> {
    let url = Cluster::shared().url();
    PostgresStore::builder(&url).schema(schema).connections(3).clock(Arc::clone(clock)).connect().await
}

/// The name for messages.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory(_) => "memory",
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        })
    }
}
