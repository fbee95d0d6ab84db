//! The schema and its numbered migrations.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::store::{StoreError, StoreErrorKind};

/// The migrations in the order of their numbers, from 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_instances_and_tasks.sql"),
    include_str!("../../../migrations/sqlite/0002_history_log_and_queues.sql"),
    include_str!("../../../migrations/sqlite/0003_headers_targets_and_ends.sql"),
    include_str!("../../../migrations/sqlite/0004_tags_causes_and_crashes.sql"),
    include_str!("../../../migrations/sqlite/0005_starts_by_sql.sql"),
    include_str!("../../../migrations/sqlite/0006_ranks_of_joins.sql"),
];

/// Brings the schema up to date, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS fantasm_schema (version INTEGER NOT NULL) STRICT")?;
    let version = check(&tx)?;
    for (number, sql) in (1..).zip(MIGRATIONS).skip(version) {
        tx.execute_batch(sql)?;
        record(&tx, number)?;
    }
    tx.commit()?;
    Ok(())
}

/// Reads how many migrations the schema has seen, and refuses one that this program does not know.
pub(super) fn check(connection: &Connection) -> Result<usize, StoreError> {
    let has_schema: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'fantasm_schema')",
        [],
        |row| row.get(0),
    )?;
    if !has_schema {
        return Ok(0);
    }
    let version: Option<i64> =
        connection.query_row("SELECT max(version) FROM fantasm_schema", [], |row| row.get(0)).optional()?.flatten();
    let version = usize::try_from(version.unwrap_or(0)).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        let known = MIGRATIONS.len();
        let message = format!(
            "the database has schema version {version}, this program knows versions up to {known}: it was written by a \
             newer fantasm; use that version here too"
        );
        return Err(StoreError::new(StoreErrorKind::Unusable, message));
    }
    Ok(version)
}

fn record(tx: &Transaction<'_>, version: i64) -> Result<(), StoreError> {
    tx.execute("INSERT INTO fantasm_schema (version) VALUES (?1)", [version])?;
    Ok(())
}
