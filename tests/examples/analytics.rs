//! `analytics` against totals that SQL computes from the site's own tables.

use std::{ffi::OsStr, path::Path};

use rusqlite::Connection;

use crate::program;

#[test]
fn the_table_is_what_sql_says_of_the_site() {
    let home = tempfile::tempdir().unwrap();
    for n_accounts in ["60", "0", "85"] {
        let db = home.path().join(format!("{n_accounts}.db"));
        let counted = analytics(&db, n_accounts);
        assert_eq!(counted, totals(&db), "of {n_accounts} accounts");
        assert_eq!(counted.is_empty(), n_accounts == "0", "a site without accounts has no badges");
    }
}

#[test]
fn a_count_is_made_once_and_a_larger_site_is_counted_anew() {
    let home = tempfile::tempdir().unwrap();
    let db = home.path().join("site.db");
    let first = analytics(&db, "30");
    assert_eq!(analytics(&db, "30"), first, "started twice it runs once");
    let larger = analytics(&db, "55");
    assert_eq!(larger, totals(&db));
    assert_ne!(larger, first);
}

fn analytics(db: &Path, n_accounts: &str) -> Vec<(String, i64, i64)> {
    counted(db.parent().unwrap(), n_accounts, db.as_os_str())
}

/// Runs it in a directory and reads its table: badge, accounts, awards.
pub(crate) fn counted(home: &Path, n_accounts: &str, db: &OsStr) -> Vec<(String, i64, i64)> {
    let args = ["--accounts".as_ref(), n_accounts.as_ref(), "--db".as_ref(), db];
    let ended = program::run("analytics", home, args).successful();
    let mut lines = ended.stdout.lines();
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(header, ["badge", "accounts", "awards"]);
    let row = |line: &str| {
        let (rest, awards) = line.rsplit_once(' ').unwrap();
        let (badge, accounts) = rest.trim_end().rsplit_once(' ').unwrap();
        (badge.trim_end().to_owned(), accounts.parse().unwrap(), awards.parse().unwrap())
    };
    lines.map(row).collect()
}

/// What each table is to say.
pub(crate) const TOTALS: &str =
    "SELECT badge, count(DISTINCT account), count(*) FROM award GROUP BY badge ORDER BY badge";

fn totals(db: &Path) -> Vec<(String, i64, i64)> {
    let db = Connection::open(db).unwrap();
    let mut statement = db.prepare(TOTALS).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}
