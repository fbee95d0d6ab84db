//! The site's accounts and awards, and the totals that are counted from them.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, Result, params};

const BADGES: [&str; 5] = ["gold", "silver", "bronze", "early bird", "regular"];

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE IF NOT EXISTS award (account INTEGER NOT NULL REFERENCES account (id), badge TEXT NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS award_account ON award (account, badge);
    CREATE TABLE IF NOT EXISTS badge_count (
        run        TEXT    NOT NULL,
        key        TEXT    NOT NULL,
        badge      TEXT    NOT NULL,
        n_accounts INTEGER NOT NULL,
        n_awards   INTEGER NOT NULL,
        PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;
";

/// The name that one count's rows carry.
#[derive(Debug)]
pub(crate) struct CountRun(pub(crate) String);

/// The site's database; clones share one connection.
#[derive(Debug, Clone)]
pub(crate) struct Site(Arc<Mutex<Connection>>);

impl Site {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.busy_timeout(Duration::from_secs(10))?;
        db.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(db))))
    }

    /// Adds made-up accounts until there are `n`; the same number always makes the same site.
    pub(crate) fn grow_to(&self, n: u32) -> Result<()> {
        let mut db = self.db();
        let tx = db.transaction()?;
        let present: u32 = tx.query_row("SELECT count(*) FROM account", [], |row| row.get(0))?;
        for account in present + 1..=n {
            let mut random = fastrand::Rng::with_seed(account.into());
            tx.execute("INSERT INTO account (id) VALUES (?1)", [account])?;
            for _ in 0..random.u32(..6) {
                let badge = BADGES[random.usize(..BADGES.len())];
                tx.execute("INSERT INTO award (account, badge) VALUES (?1, ?2)", params![account, badge])?;
            }
        }
        tx.commit()
    }

    pub(crate) fn accounts_after(&self, account: i64, limit: usize) -> Result<Vec<i64>> {
        self.db()
            .prepare_cached("SELECT id FROM account WHERE id > ?1 ORDER BY id LIMIT ?2")?
            .query_map(params![account, rows(limit)], |row| row.get(0))?
            .collect()
    }

    pub(crate) fn badges_after(&self, account: i64, badge: &str, limit: usize) -> Result<Vec<String>> {
        self.db()
            .prepare_cached(
                "SELECT DISTINCT badge FROM award WHERE account = ?1 AND badge > ?2 ORDER BY badge LIMIT ?3",
            )?
            .query_map(params![account, badge, rows(limit)], |row| row.get(0))?
            .collect()
    }

    pub(crate) fn awards(&self, account: i64, badge: &str) -> Result<i64> {
        self.db()
            .prepare_cached("SELECT count(*) FROM award WHERE account = ?1 AND badge = ?2")?
            .query_row(params![account, badge], |row| row.get(0))
    }

    /// Records one batch of counts; a second time changes nothing.
    pub(crate) fn put_count(&self, run: &str, key: &str, badge: &str, n_accounts: usize, n_awards: i64) -> Result<()> {
        self.db()
            .prepare_cached("INSERT OR REPLACE INTO badge_count VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![run, key, badge, rows(n_accounts), n_awards])
            .map(drop)
    }

    /// Badge, accounts and awards, by badge.
    pub(crate) fn totals(&self, run: &str) -> Result<Vec<(String, u32, u32)>> {
        self.db()
            .prepare_cached(
                "SELECT badge, sum(n_accounts), sum(n_awards) FROM badge_count WHERE run = ?1 GROUP BY badge ORDER BY 1",
            )?
            .query_map([run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect()
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number of rows as SQL takes it.
fn rows(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
