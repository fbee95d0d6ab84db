//! The schema and its numbered migrations.

use std::time::Duration;

use tokio_postgres::Client;

use super::{
    limit,
    tx::{in_schema, quoted},
};
use crate::store::{StoreError, StoreErrorKind};

/// A migration. Workers go on while it runs, so it only adds, or leaves the programs out that it names.
struct Migration {
    sql: &'static str,
    /// How many migrations a program must know to work on the schema that this one leaves.
    needs: i32,
}

/// The migrations in the order of their numbers, from 1.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("../../../migrations/postgres/0001_instances_and_tasks.sql"), needs: 1 },
    Migration { sql: include_str!("../../../migrations/postgres/0002_history_log_and_queues.sql"), needs: 2 },
    Migration { sql: include_str!("../../../migrations/postgres/0003_headers_targets_and_ends.sql"), needs: 3 },
    Migration { sql: include_str!("../../../migrations/postgres/0004_tags_causes_and_crashes.sql"), needs: 3 },
    Migration { sql: include_str!("../../../migrations/postgres/0005_starts_by_sql.sql"), needs: 3 },
    Migration { sql: include_str!("../../../migrations/postgres/0006_ranks_of_joins.sql"), needs: 3 },
];

/// How often the migrations are repeated that the database gave up because others were at the same tables.
const MAX_CONFLICTS: usize = 10;

/// How often they are tried that somebody stands in the way of, and for how long others have the tables to themselves in
/// between: with the second that each waits, some five minutes.
const MAX_LOCKED: usize = 200;
const PAUSE: Duration = Duration::from_millis(500);

/// Brings the schema up to date, in one transaction. Of several that come at once one works and the others wait.
///
/// Workers go on meanwhile, and lock tables in another order than the migrations change them. Whoever comes to a table after
/// a migration that waits for it waits too, also for what he could have had at once; so it waits briefly, and often.
///
/// The server may take this long to say how far it is, and for the migrations themselves as long as it likes.
pub(super) async fn migrate(client: &Client, schema: &str, limit: Duration) -> Result<(), StoreError> {
    if limit::within(limit, check(client, schema)).await?? >= known() {
        return Ok(());
    }
    let (mut n_conflicts, mut n_locked) = (0, 0);
    loop {
        let Err(error) = run_missing(client, schema).await else { return Ok(()) };
        let is_blocked = error.is_locked();
        if is_blocked {
            n_locked += 1;
        } else {
            n_conflicts += 1;
        }
        if n_locked > MAX_LOCKED {
            return Err(StoreError::new(StoreErrorKind::Unavailable, BLOCKED).with_source(error));
        }
        if !is_blocked && !error.is_conflict() || n_conflicts > MAX_CONFLICTS {
            return Err(error);
        }
        tracing::debug!(%error, "the migrations are repeated");
        client.batch_execute("ROLLBACK").await?;
        if is_blocked {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

const BLOCKED: &str = "a long transaction of somebody else uses the tables of fantasm, so that they cannot be brought up to \
                       date: find it in pg_stat_activity by its xact_start, let it end, and start again";

async fn run_missing(client: &Client, schema: &str) -> Result<(), StoreError> {
    // An index of a large table takes its time, and so does whoever makes it before us.
    client.batch_execute("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
    client.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", &[&schema]).await?;
    client.batch_execute("SET LOCAL lock_timeout = '1s'").await?;
    let version = check(client, schema).await?;
    if version == 0 {
        let sql = "CREATE SCHEMA IF NOT EXISTS fantasm_;
                   CREATE TABLE fantasm.schema (version integer PRIMARY KEY, needs integer NOT NULL)";
        client.batch_execute(&in_schema(&sql.replace("fantasm_", &quoted(schema)), schema)).await?;
    }
    for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > version) {
        client.batch_execute(&in_schema(migration.sql, schema)).await?;
        let record = in_schema("INSERT INTO fantasm.schema (version, needs) VALUES ($1, $2)", schema);
        client.execute(&*record, &[&number, &migration.needs]).await?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(())
}

/// Reads how many migrations the schema has seen, and refuses one on which this program cannot work.
async fn check(client: &Client, schema: &str) -> Result<i32, StoreError> {
    // `to_regclass` answers from what the session remembers, which may be older than the lock that we have waited for.
    let is_there: bool = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS class
                            JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
                            WHERE space.nspname = $1 AND class.relname = 'schema')",
            &[&schema],
        )
        .await?
        .try_get(0)?;
    if !is_there {
        return Ok(0);
    }
    let sql = in_schema("SELECT coalesce(max(version), 0), coalesce(max(needs), 0) FROM fantasm.schema", schema);
    let row = client.query_one(&*sql, &[]).await?;
    let (version, needs): (i32, i32) = (row.try_get(0)?, row.try_get(1)?);
    if needs > known() {
        let known = known();
        let message = format!(
            "the schema `{schema}` has version {version} and needs a program that knows version {needs}, this one knows \
             versions up to {known}: it was migrated by a newer fantasm; use that version here too"
        );
        return Err(StoreError::new(StoreErrorKind::Unusable, message));
    }
    Ok(version)
}

fn known() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}
