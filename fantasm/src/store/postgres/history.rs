//! What has happened: attempts at tasks, and what they logged.

use tokio_postgres::Row;

use super::{
    inner::Inner,
    row::{self, At, text},
    tx::Tx,
};
use crate::{
    engine::{Commit, LogLevel, LogLine},
    id::{InstanceId, TaskId, WorkerId},
    store::{Lease, LogEntry, Step, StepVerdict, StoreError},
};

/// Keeps an attempt and what it logged, while its task is still there.
pub(super) async fn record(tx: &Tx<'_>, lease: &Lease, commit: &Commit) -> Result<(), StoreError> {
    let now = At(tx.now());
    if commit.is_recorded {
        let (verdict, error) = StepVerdict::of(&commit.verdict);
        tx.execute(
            "INSERT INTO fantasm.step (instance, task, from_state, event, to_state, token, attempt, verdict, error, worker,
                                       started_at, ended_at)
             SELECT instance, id, from_state, event, to_state, token, attempt, $2, $3, worker, claimed_at, $4
             FROM fantasm.task WHERE id = $1",
            &[&lease.task.0, &verdict.as_str(), &error.map(text), &now],
        )
        .await?;
    }
    for line in &commit.log {
        let tags = if line.tags.is_empty() { None } else { Some(row::to_json(&line.tags)?) };
        let causes = line.causes.as_deref().map(text);
        tx.execute(
            "INSERT INTO fantasm.log (instance, task, state, level, message, logged_at, tags, causes)
             SELECT instance, id, coalesce(to_state, from_state), $2, $3, $4, $5, $6 FROM fantasm.task WHERE id = $1",
            &[&lease.task.0, &line.level.as_str(), &text(&line.message), &now, &tags, &causes],
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn steps(store: &Inner, instance: InstanceId) -> Result<Vec<Step>, StoreError> {
    let rows = store
        .read(
            "SELECT task, from_state, event, to_state, token, attempt, verdict, error, worker, started_at, ended_at
             FROM fantasm.step WHERE instance = $1 ORDER BY id",
            &[&instance.0],
        )
        .await?;
    rows.iter().map(step).collect()
}

pub(super) async fn log(store: &Inner, instance: InstanceId) -> Result<Vec<LogEntry>, StoreError> {
    let rows = store
        .read(
            "SELECT task, state, level, message, logged_at, tags, causes FROM fantasm.log WHERE instance = $1 ORDER BY id",
            &[&instance.0],
        )
        .await?;
    rows.iter().map(log_entry).collect()
}

fn step(row: &Row) -> Result<Step, StoreError> {
    Ok(Step {
        task: TaskId(row.try_get(0)?),
        hop: row::hop(row, 1)?,
        token: row.try_get(4)?,
        attempt: row::count(row, 5)?,
        verdict: StepVerdict::from_word(row.try_get(6)?).ok_or_else(|| row::unreadable("no verdict"))?,
        error: row::free_text(row, 7)?,
        worker: WorkerId(row.try_get(8)?),
        started_at: row::time(row, 9)?,
        ended_at: row::time(row, 10)?,
    })
}

fn log_entry(row: &Row) -> Result<LogEntry, StoreError> {
    let level = LogLevel::from_word(row.try_get(2)?).ok_or_else(|| row::unreadable("no level"))?;
    Ok(LogEntry {
        task: TaskId(row.try_get(0)?),
        state: row.try_get(1)?,
        line: LogLine {
            tags: row::json(row, 5)?,
            causes: row::free_text(row, 6)?,
            ..LogLine::new(level, row::free_text(row, 3)?.unwrap_or_default())
        },
        logged_at: row::time(row, 4)?,
    })
}
