//! What has happened: attempts at tasks, and what they logged.

use rusqlite::{Connection, Row, params};

use super::{row, writer::Tx};
use crate::{
    engine::{Commit, LogLevel, LogLine},
    id::{InstanceId, TaskId, WorkerId},
    store::{Lease, LogEntry, Step, StepVerdict, StoreError},
};

/// Keeps an attempt and what it logged, while its task is still there.
pub(super) fn record(tx: &Tx<'_>, lease: &Lease, commit: &Commit) -> Result<(), StoreError> {
    let now = tx.now().as_microsecond();
    if commit.is_recorded {
        let (verdict, error) = StepVerdict::of(&commit.verdict);
        tx.prepare_cached(
            "INSERT INTO fantasm_step (instance, task, from_state, event, to_state, token, attempt, verdict, error, worker,
                                       started_at, ended_at)
             SELECT instance, id, from_state, event, to_state, token, attempt, ?2, ?3, worker, claimed_at, ?4
             FROM fantasm_task WHERE id = ?1",
        )?
        .execute(params![lease.task.0, verdict.as_str(), error, now])?;
    }
    for line in &commit.log {
        let tags = if line.tags.is_empty() { None } else { Some(row::to_json(&line.tags)?) };
        tx.prepare_cached(
            "INSERT INTO fantasm_log (instance, task, state, level, message, logged_at, tags, causes)
             SELECT instance, id, coalesce(to_state, from_state), ?2, ?3, ?4, ?5, ?6 FROM fantasm_task WHERE id = ?1",
        )?
        .execute(params![lease.task.0, line.level.as_str(), line.message, now, tags, line.causes])?;
    }
    Ok(())
}

pub(super) fn steps(db: &Connection, instance: InstanceId) -> Result<Vec<Step>, StoreError> {
    let steps = db
        .prepare_cached(
            "SELECT task, from_state, event, to_state, token, attempt, verdict, error, worker, started_at, ended_at
             FROM fantasm_step WHERE instance = ?1 ORDER BY id",
        )?
        .query_map([instance.0], step)?
        .collect::<Result<_, _>>()?;
    Ok(steps)
}

pub(super) fn log(db: &Connection, instance: InstanceId) -> Result<Vec<LogEntry>, StoreError> {
    let entries = db
        .prepare_cached(
            "SELECT task, state, level, message, logged_at, tags, causes FROM fantasm_log WHERE instance = ?1 ORDER BY id",
        )?
        .query_map([instance.0], log_entry)?
        .collect::<Result<_, _>>()?;
    Ok(entries)
}

fn step(row: &Row<'_>) -> rusqlite::Result<Step> {
    let verdict: String = row.get(6)?;
    Ok(Step {
        task: TaskId(row.get(0)?),
        hop: row::hop(row, 1)?,
        token: row.get(4)?,
        attempt: row.get(5)?,
        verdict: StepVerdict::from_word(&verdict).ok_or_else(|| row::unreadable(6, "no verdict"))?,
        error: row.get(7)?,
        worker: WorkerId(row::uuid(row, 8)?),
        started_at: row::timestamp(row.get(9)?),
        ended_at: row::timestamp(row.get(10)?),
    })
}

fn log_entry(row: &Row<'_>) -> rusqlite::Result<LogEntry> {
    let level: String = row.get(2)?;
    let level = LogLevel::from_word(&level).ok_or_else(|| row::unreadable(2, "no level"))?;
    Ok(LogEntry {
        task: TaskId(row.get(0)?),
        state: row.get(1)?,
        line: LogLine {
            tags: row::json(row, 5)?,
            causes: row.get(6)?,
            ..LogLine::new(level, row.get::<_, String>(3)?)
        },
        logged_at: row::timestamp(row.get(4)?),
    })
}
