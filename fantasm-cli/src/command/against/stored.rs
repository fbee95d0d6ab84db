//! The tasks of a database, all of them, a batch at a time.

use std::num::NonZeroU32;
use std::path::Path;

use anyhow::{Context, bail};
use fantasm::TaskId;
use fantasm::store::{SqliteStore, Store, StoredTask};

/// How many tasks are in memory at once.
const BATCH: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// Shows every task to `look`, in the order of their numbers. What is stored stays as it is.
pub(super) fn each_task(database: &str, mut look: impl FnMut(&StoredTask)) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let source = Source::open(database).await?;
        let mut last = TaskId(0);
        loop {
            let tasks = source.tasks(last).await?;
            tasks.iter().for_each(&mut look);
            let Some(task) = tasks.last() else { return Ok(()) };
            last = task.id;
        }
    })
}

/// Where tasks are read from.
enum Source<'a> {
    /// A file, which is not even brought up to date.
    File(&'a str),
    Url(Box<dyn Store>),
}

impl<'a> Source<'a> {
    async fn open(database: &'a str) -> anyhow::Result<Self> {
        if !database.contains("://") {
            anyhow::ensure!(!Path::new(database).is_dir(), "`{database}` is a folder: name the file of a store in it");
            return Ok(Self::File(database));
        }
        if !cfg!(feature = "postgres") {
            bail!(
                "this `fantasm` was built without PostgreSQL: install it again with the feature, \
                 `cargo install --path fantasm-cli --features postgres` where its sources are"
            );
        }
        let store = fantasm::store::open(database).await.context("the database cannot be read")?;
        Ok(Self::Url(Box::new(store)))
    }

    async fn tasks(&self, after: TaskId) -> anyhow::Result<Vec<StoredTask>> {
        match self {
            Self::File(path) => {
                let tasks = SqliteStore::read_tasks(path, after, BATCH).await;
                tasks.with_context(|| format!("`{path}` cannot be read"))
            }
            Self::Url(store) => store.tasks(after, BATCH).await.context("the database cannot be read"),
        }
    }
}
