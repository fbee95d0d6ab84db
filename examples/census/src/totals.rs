//! The totals, in tables of their own beside the engine's.

use std::{ffi::OsStr, path::Path};

use anyhow::Result;
use fantasm::TaskKey;
use tables::Tables;

use crate::counts::{Counts, Tally};

/// For SQLite and PostgreSQL alike.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS census_run (
        id          BIGINT PRIMARY KEY,
        dir         BYTEA  NOT NULL,
        is_finished BIGINT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS census_crate (
        run     BIGINT NOT NULL REFERENCES census_run (id),
        name    BYTEA  NOT NULL,
        licence TEXT   NOT NULL,
        PRIMARY KEY (run, name)
    );
    CREATE TABLE IF NOT EXISTS census_count (
        run      BIGINT NOT NULL REFERENCES census_run (id),
        key      TEXT   NOT NULL, -- of the step that wrote the row: written again it stays one row
        language TEXT   NOT NULL,
        files    BIGINT NOT NULL,
        bytes    BIGINT NOT NULL,
        lines    BIGINT NOT NULL,
        PRIMARY KEY (run, key, language)
    );
";

/// The tables of totals; clones share one connection.
#[derive(Debug, Clone)]
pub(crate) struct TotalsDb(Tables);

/// What a run has come to so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) n_crates: u64,
    pub(crate) by_language: Counts,
    /// How many crates have each licence, the most frequent first.
    pub(crate) by_licence: Vec<(String, u64)>,
}

impl TotalsDb {
    pub(crate) async fn open(place: &str) -> Result<Self> {
        let tables = Tables::open(place).await?;
        tables.run(SCHEMA).await?;
        Ok(Self(tables))
    }

    /// The run over `dir` that was not finished, or a new one.
    pub(crate) async fn unfinished_run(&self, dir: &Path) -> Result<i64> {
        let dir = bytes(dir.as_os_str());
        let unfinished = "SELECT id FROM census_run WHERE dir = $1 AND is_finished = 0";
        if let Some(run) = self.0.rows(unfinished, vec![dir.into()]).await?.first() {
            return Ok(run.int(0)?);
        }
        let new = "
            INSERT INTO census_run (dir, id, is_finished)
            SELECT $1, coalesce(max(id), 0) + 1, 0 FROM census_run RETURNING id";
        Ok(self.0.rows(new, vec![dir.into()]).await?[0].int(0)?)
    }

    /// Marks a run as finished, so that the next start begins another.
    pub(crate) async fn finish_run(&self, run: i64) -> Result<()> {
        self.0.rows("UPDATE census_run SET is_finished = 1 WHERE id = $1", vec![run.into()]).await?;
        Ok(())
    }

    /// Records a crate; a second time changes nothing.
    pub(crate) async fn add_crate(&self, run: i64, name: &OsStr, licence: &str) -> tables::Result<()> {
        let sql = "
            INSERT INTO census_crate (run, name, licence) VALUES ($1, $2, $3)
            ON CONFLICT (run, name) DO UPDATE SET licence = excluded.licence";
        self.0.rows(sql, vec![run.into(), bytes(name).into(), licence.into()]).await?;
        Ok(())
    }

    /// Records the counts of the step with that key; a second time changes nothing.
    pub(crate) async fn put_counts(&self, run: i64, key: TaskKey, counts: &Counts) -> fantasm::Result<()> {
        let sql = "
            INSERT INTO census_count (run, key, language, files, bytes, lines) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (run, key, language)
            DO UPDATE SET files = excluded.files, bytes = excluded.bytes, lines = excluded.lines";
        for (language, Tally { files, bytes, lines }) in &counts.0 {
            let (files, bytes, lines) = (number(*files)?, number(*bytes)?, number(*lines)?);
            let values = vec![run.into(), key.into(), language.into(), files.into(), bytes.into(), lines.into()];
            self.0.rows(sql, values).await?;
        }
        Ok(())
    }

    /// What a run has come to so far.
    pub(crate) async fn read(&self, run: i64) -> Result<Totals> {
        let crates = "SELECT count(*) FROM census_crate WHERE run = $1";
        let languages = "
            SELECT language, CAST(sum(files) AS BIGINT), CAST(sum(bytes) AS BIGINT), CAST(sum(lines) AS BIGINT)
            FROM census_count WHERE run = $1 GROUP BY language";
        let licences = "
            SELECT licence, count(*) FROM census_crate WHERE run = $1 GROUP BY licence ORDER BY count(*) DESC, licence";
        let rows = async |sql| self.0.rows(sql, vec![run.into()]).await;
        let n_crates = rows(crates).await?[0].int(0)?.unsigned_abs();
        let mut totals = Totals { n_crates, ..Totals::default() };
        for row in rows(languages).await? {
            let n = |column| row.int(column).map(i64::unsigned_abs);
            totals.by_language.0.insert(row.text(0)?, Tally { files: n(1)?, bytes: n(2)?, lines: n(3)? });
        }
        for row in rows(licences).await? {
            totals.by_licence.push((row.text(0)?, row.int(1)?.unsigned_abs()));
        }
        Ok(totals)
    }
}

/// Names need not be text.
fn bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

fn number(n: u64) -> fantasm::Result<i64> {
    i64::try_from(n).map_err(fantasm::Error::permanent)
}
