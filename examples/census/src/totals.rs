//! The totals, in tables of their own beside the engine's.

use std::{
    ffi::OsStr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension, params};

use crate::counts::{Counts, Tally};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS census_run (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        dir         BLOB    NOT NULL,
        is_finished INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS census_crate (
        run     INTEGER NOT NULL REFERENCES census_run (id),
        name    BLOB    NOT NULL,
        licence TEXT    NOT NULL,
        PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS census_count (
        run      INTEGER NOT NULL REFERENCES census_run (id),
        key      TEXT    NOT NULL, -- of the step that wrote the row: written again it stays one row
        language TEXT    NOT NULL,
        files    INTEGER NOT NULL,
        bytes    INTEGER NOT NULL,
        lines    INTEGER NOT NULL,
        PRIMARY KEY (run, key, language)
    ) STRICT, WITHOUT ROWID;
";

/// The tables of totals; clones share one connection.
#[derive(Debug, Clone)]
pub(crate) struct TotalsDb(Arc<Mutex<Connection>>);

/// What a run has come to so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) n_crates: u64,
    pub(crate) by_language: Counts,
    /// How many crates have each licence, the most frequent first.
    pub(crate) by_licence: Vec<(String, u64)>,
}

impl TotalsDb {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let open = || {
            let db = Connection::open(path)?;
            db.busy_timeout(Duration::from_secs(10))?;
            db.execute_batch(SCHEMA)?;
            Ok::<_, rusqlite::Error>(db)
        };
        let db = open().with_context(|| format!("cannot keep the totals in {}", path.display()))?;
        Ok(Self(Arc::new(Mutex::new(db))))
    }

    /// The run over `dir` that was not finished, or a new one.
    pub(crate) fn unfinished_run(&self, dir: &Path) -> Result<i64> {
        let (mut db, dir) = (self.db(), bytes(dir.as_os_str()));
        let tx = db.transaction()?;
        let unfinished = tx
            .query_row("SELECT id FROM census_run WHERE dir = ?1 AND is_finished = 0", [dir], |row| row.get(0))
            .optional()?;
        let run = match unfinished {
            Some(run) => run,
            None => {
                tx.execute("INSERT INTO census_run (dir, is_finished) VALUES (?1, 0)", [dir])?;
                tx.last_insert_rowid()
            }
        };
        tx.commit()?;
        Ok(run)
    }

    /// Marks a run as finished, so that the next start begins another.
    pub(crate) fn finish_run(&self, run: i64) -> Result<()> {
        self.db().execute("UPDATE census_run SET is_finished = 1 WHERE id = ?1", [run])?;
        Ok(())
    }

    /// Records a crate; a second time changes nothing.
    pub(crate) fn add_crate(&self, run: i64, name: &OsStr, licence: &str) -> Result<(), fantasm::Error> {
        self.db().execute(
            "INSERT OR REPLACE INTO census_crate (run, name, licence) VALUES (?1, ?2, ?3)",
            params![run, bytes(name), licence],
        )?;
        Ok(())
    }

    /// Records the counts of the step with that key; a second time changes nothing.
    pub(crate) fn put_counts(&self, run: i64, key: &str, counts: &Counts) -> Result<(), fantasm::Error> {
        let mut db = self.db();
        let tx = db.transaction()?;
        for (language, tally) in &counts.0 {
            tx.prepare_cached("INSERT OR REPLACE INTO census_count VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(
                params![run, key, language, number(tally.files)?, number(tally.bytes)?, number(tally.lines)?],
            )?;
        }
        tx.commit()?;
        Ok(())
    }

    /// What a run has come to so far.
    pub(crate) fn read(&self, run: i64) -> Result<Totals> {
        let db = self.db();
        let n_crates: i64 =
            db.query_row("SELECT count(*) FROM census_crate WHERE run = ?1", [run], |row| row.get(0))?;
        let by_language = db
            .prepare_cached(
                "SELECT language, sum(files), sum(bytes), sum(lines) FROM census_count WHERE run = ?1 GROUP BY language",
            )?
            .query_map([run], |row| {
                let n = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
                Ok((row.get(0)?, Tally { files: n(1)?, bytes: n(2)?, lines: n(3)? }))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let by_licence = db
            .prepare_cached(
                "SELECT licence, count(*) FROM census_crate WHERE run = ?1 GROUP BY licence ORDER BY 2 DESC, 1",
            )?
            .query_map([run], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Totals { n_crates: n_crates.unsigned_abs(), by_language: Counts(by_language), by_licence })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names need not be text.
fn bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

fn number(n: u64) -> Result<i64, fantasm::Error> {
    i64::try_from(n).map_err(fantasm::Error::permanent)
}
