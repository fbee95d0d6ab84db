//! The site's accounts and awards, and the totals that are counted from them.

use fantasm::{SqlValue, Transaction};
use tables::{Result, Tables};

const BADGES: [&str; 5] = ["gold", "silver", "bronze", "early bird", "regular"];

/// For SQLite and PostgreSQL alike.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS account (id BIGINT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS award (account BIGINT NOT NULL REFERENCES account (id), badge TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS award_account ON award (account, badge);
    CREATE TABLE IF NOT EXISTS badge_count (
        run        TEXT   NOT NULL,
        badge      TEXT   NOT NULL,
        n_accounts BIGINT NOT NULL,
        n_awards   BIGINT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS badge_count_run ON badge_count (run, badge);
";

/// The name that one count's rows carry.
#[derive(Debug)]
pub(crate) struct CountRun(pub(crate) String);

/// The site's tables, beside the store's.
#[derive(Debug, Clone)]
pub(crate) struct Site(Tables);

impl Site {
    pub(crate) async fn open(place: &str) -> Result<Self> {
        let tables = Tables::open(place).await?;
        tables.run(SCHEMA).await?;
        Ok(Self(tables))
    }

    /// Adds made-up accounts until there are `n`; the same number always makes the same site.
    pub(crate) async fn grow_to(&self, n: u32) -> Result<()> {
        self.0.run("BEGIN").await?;
        let present = self.0.rows("SELECT count(*) FROM account", Vec::new()).await?[0].int(0)?;
        for account in present + 1..=i64::from(n) {
            let mut random = fastrand::Rng::with_seed(account.unsigned_abs());
            self.0.rows("INSERT INTO account (id) VALUES ($1)", vec![account.into()]).await?;
            for _ in 0..random.u32(..6) {
                let badge = BADGES[random.usize(..BADGES.len())];
                let values = vec![account.into(), badge.into()];
                self.0.rows("INSERT INTO award (account, badge) VALUES ($1, $2)", values).await?;
            }
        }
        self.0.run("COMMIT").await
    }

    pub(crate) async fn accounts_after(&self, account: i64, limit: usize) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM account WHERE id > $1 ORDER BY id LIMIT $2";
        self.0.rows(sql, vec![account.into(), rows(limit)]).await?.iter().map(|row| row.int(0)).collect()
    }

    pub(crate) async fn badges_after(&self, account: i64, badge: &str, limit: usize) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT badge FROM award WHERE account = $1 AND badge > $2 ORDER BY badge LIMIT $3";
        let values = vec![account.into(), badge.into(), rows(limit)];
        self.0.rows(sql, values).await?.iter().map(|row| row.text(0)).collect()
    }

    pub(crate) async fn awards(&self, account: i64, badge: &str) -> Result<i64> {
        let sql = "SELECT count(*) FROM award WHERE account = $1 AND badge = $2";
        self.0.rows(sql, vec![account.into(), badge.into()]).await?[0].int(0)
    }

    /// Badge, accounts and awards, by badge.
    pub(crate) async fn totals(&self, run: &str) -> Result<Vec<(String, i64, i64)>> {
        let sql = "
            SELECT badge, CAST(sum(n_accounts) AS BIGINT), CAST(sum(n_awards) AS BIGINT) FROM badge_count
            WHERE run = $1 GROUP BY badge ORDER BY badge";
        let total = |row: &tables::Row| Ok((row.text(0)?, row.int(1)?, row.int(2)?));
        self.0.rows(sql, vec![run.into()]).await?.iter().map(total).collect()
    }
}

/// Records one batch of counts together with its step, and so once.
pub(crate) fn put_count(tx: &mut Transaction, run: &CountRun, badge: &str, n_accounts: usize, n_awards: i64) {
    tx.execute("INSERT INTO badge_count (run, badge, n_accounts, n_awards) VALUES ($1, $2, $3, $4)")
        .bind(&run.0)
        .bind(badge)
        .bind(rows(n_accounts))
        .bind(n_awards);
}

/// A number of rows as SQL takes it.
fn rows(n: usize) -> SqlValue {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}
