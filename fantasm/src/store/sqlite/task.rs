//! Tasks: claimed, committed, given back.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    fan_in, history, instance,
    row::{self, micros_after, task_columns},
    statement,
    writer::Tx,
};
use crate::{
    clock::until,
    engine::{Commit, NewTask, Next, Verdict},
    id::{InstanceId, WindowId},
    store::{Claim, Claiming, InstanceStatus, Lease, StoreError, branches::Branches},
};

/// A task's place in the world, which its follow-ups share.
pub(super) struct Owner {
    pub(super) instance: InstanceId,
    pub(super) machine: String,
    pub(super) window: Option<WindowId>,
}

pub(super) fn claim(tx: &Tx<'_>, claiming: &Claiming) -> Result<Vec<Claim>, StoreError> {
    const SQL: &str = concat!(
        "UPDATE fantasm_task SET status = 'running', worker = ?1, fence = fence + 1, attempt = attempt + 1,
             claimed_at = ?2
         WHERE id IN (
             SELECT id FROM fantasm_task
             WHERE status = 'scheduled' AND run_at <= ?2
               AND machine IN (SELECT value FROM json_each(?3))
               AND (?4 IS NULL OR queue IN (SELECT value FROM json_each(?4)))
               AND (?6 IS NULL OR target IS NULL OR target IN (SELECT value FROM json_each(?6)))
               AND queue NOT IN (SELECT name FROM fantasm_paused_queue)
               AND instance NOT IN (SELECT id FROM fantasm_instance WHERE is_paused = 1)
             ORDER BY run_at, id LIMIT ?5)
         RETURNING ",
        task_columns!(),
        ", fence, run_at"
    );
    let (machines, queues, labels) = wanted(claiming);
    let mut statement = tx.prepare_cached(SQL)?;
    let now = tx.now().as_microsecond();
    let rows = statement.query_map(
        params![claiming.worker.0.as_bytes(), now, machines, queues, claiming.limit.get(), labels],
        |row| {
            let task = row::task(row)?;
            let lease = Lease { task: task.id, worker: claiming.worker, fence: row.get(18)? };
            Ok((row.get::<_, i64>(19)?, Claim { lease, task, at: tx.now() }))
        },
    )?;
    let mut claims: Vec<(i64, Claim)> = rows.collect::<Result<_, _>>()?;
    // RETURNING promises no order.
    claims.sort_by_key(|(run_at, claim)| (*run_at, claim.task.id));
    Ok(claims.into_iter().map(|(_, claim)| claim).collect())
}

pub(super) fn next_due(db: &Connection, claiming: &Claiming, now: Timestamp) -> Result<Option<Duration>, StoreError> {
    let (machines, queues, labels) = wanted(claiming);
    let due: Option<i64> = db
        .prepare_cached(
            "SELECT run_at FROM fantasm_task
             WHERE status = 'scheduled'
               AND machine IN (SELECT value FROM json_each(?1))
               AND (?2 IS NULL OR queue IN (SELECT value FROM json_each(?2)))
               AND (?3 IS NULL OR target IS NULL OR target IN (SELECT value FROM json_each(?3)))
               AND queue NOT IN (SELECT name FROM fantasm_paused_queue)
               AND instance NOT IN (SELECT id FROM fantasm_instance WHERE is_paused = 1)
             ORDER BY run_at LIMIT 1",
        )?
        .query_row(params![machines, queues, labels], |row| row.get(0))
        .optional()?
        // What waits for other branches has no time of its own.
        .filter(|run_at| *run_at < Timestamp::MAX.as_microsecond());
    let lease_end: Option<i64> = db
        .prepare_cached("SELECT min(expires_at) FROM fantasm_worker WHERE id <> ?1")?
        .query_row([claiming.worker.0.as_bytes()], |row| row.get(0))?;
    Ok([due, lease_end].into_iter().flatten().min().map(|due| until(row::timestamp(due), now)))
}

/// The machines, queues and labels of a claim as JSON lists, which SQL reads with `json_each`.
fn wanted(claiming: &Claiming) -> (String, Option<String>, Option<String>) {
    let list = |names: &Vec<String>| serde_json::Value::from(names.clone()).to_string();
    (list(&claiming.machines), claiming.queues.as_ref().map(list), claiming.labels.as_ref().map(list))
}

pub(super) fn advance(tx: &mut Tx<'_>, lease: &Lease, next: &NewTask) -> Result<bool, StoreError> {
    let owner = owner(tx, lease)?;
    let n_changed = tx
        .prepare_cached("UPDATE fantasm_task SET is_continued = 1 WHERE id = ?1 AND is_continued = 0")?
        .execute([lease.task.0])?;
    if n_changed == 0 {
        return Ok(false);
    }
    insert(tx, &Owner { window: None, ..owner }, next, DueAt::Delay)?;
    instance::add_branches(tx, owner.instance, Branches { live: 1, waiting: 0 })?;
    Ok(true)
}

pub(super) fn commit(tx: &mut Tx<'_>, lease: &Lease, commit: &Commit) -> Result<(), StoreError> {
    let owner = owner(tx, lease)?;
    statement::execute_all(tx, &commit.statements)?;
    history::record(tx, lease, commit)?;
    match &commit.verdict {
        Verdict::Done { next, context } => {
            tx.prepare_cached("DELETE FROM fantasm_task WHERE id = ?1")?.execute([lease.task.0])?;
            owner.window.map_or(Ok(()), |window| fan_in::drain(tx, window))?;
            let mut branches = Branches { live: -1, waiting: 0 };
            for next in next {
                branches += follow(tx, &owner, next)?;
            }
            instance::end_branch(tx, owner.instance, branches, Some(context))
        }
        Verdict::Retry { delay, error } => {
            let run_at = micros_after(tx.now(), *delay);
            tx.prepare_cached(
                "UPDATE fantasm_task SET status = 'scheduled', worker = NULL, run_at = ?2, error = ?3, n_crashes = 0
                 WHERE id = ?1",
            )?
            .execute(params![lease.task.0, run_at, error])?;
            tx.due_changed();
            Ok(())
        }
        Verdict::Fail { error } => {
            tx.prepare_cached("UPDATE fantasm_task SET status = 'failed', worker = NULL, error = ?2 WHERE id = ?1")?
                .execute(params![lease.task.0, error])?;
            instance::end_branch(tx, owner.instance, Branches { live: -1, waiting: 0 }, None)
        }
        Verdict::Halt { reason } => instance::end(tx, owner.instance, InstanceStatus::Halted, Some(reason)),
    }
}

pub(super) fn release(tx: &mut Tx<'_>, lease: &Lease, delay: Duration) -> Result<(), StoreError> {
    owner(tx, lease)?;
    tx.prepare_cached(
        "UPDATE fantasm_task SET status = 'scheduled', worker = NULL, run_at = ?2, attempt = attempt - 1 WHERE id = ?1",
    )?
    .execute(params![lease.task.0, micros_after(tx.now(), delay)])?;
    tx.due_changed();
    Ok(())
}

/// Makes what follows and answers which branches of the instance that adds.
pub(super) fn follow(tx: &mut Tx<'_>, owner: &Owner, next: &Next) -> Result<Branches, StoreError> {
    match next {
        Next::Task(task) => {
            let owner = Owner { window: None, machine: owner.machine.clone(), ..*owner };
            insert(tx, &owner, task, DueAt::Delay)?;
            Ok(Branches { live: 1, waiting: 0 })
        }
        Next::Package(package) => fan_in::join(tx, owner, package),
        Next::Spawn(instance) => instance::start(tx, instance).map(|_| Branches::default()),
    }
}

/// When a new task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DueAt {
    /// After its own delay.
    Delay,
    /// Not before somebody says so.
    Never,
}

/// Makes a task, which drains the owner's window if there is one.
pub(super) fn insert(tx: &mut Tx<'_>, owner: &Owner, task: &NewTask, due: DueAt) -> Result<(), StoreError> {
    let run_at = match due {
        DueAt::Delay => micros_after(tx.now(), task.delay),
        DueAt::Never => Timestamp::MAX.as_microsecond(),
    };
    tx.prepare_cached(
        "INSERT INTO fantasm_task (instance, machine, key, from_state, event, to_state, queue, context, token,
                                   queue_override, cause, window, status, run_at, attempt, is_continued, fence, created_at,
                                   target)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'scheduled', ?13, 0, 0, 0, ?14, ?15)",
    )?
    .execute(params![
        owner.instance.0,
        owner.machine,
        task.key.0.as_bytes(),
        task.hop.from(),
        task.hop.event(),
        task.hop.to(),
        task.queue,
        task.context,
        task.token,
        task.queue_override,
        task.cause,
        owner.window.map(|window| window.0),
        run_at,
        tx.now().as_microsecond(),
        task.target,
    ])?;
    tx.due_changed();
    Ok(())
}

/// Reads whose a task is, if the lease still gives a right to it.
pub(super) fn owner(tx: &Tx<'_>, lease: &Lease) -> Result<Owner, StoreError> {
    tx.prepare_cached(
        "SELECT instance, machine, window FROM fantasm_task
         WHERE id = ?1 AND status = 'running' AND worker = ?2 AND fence = ?3",
    )?
    .query_row(params![lease.task.0, lease.worker.0.as_bytes(), lease.fence], |row| {
        Ok(Owner {
            instance: InstanceId(row.get(0)?),
            machine: row.get(1)?,
            window: row.get::<_, Option<i64>>(2)?.map(WindowId),
        })
    })
    .optional()?
    .ok_or_else(StoreError::lease_lost)
}
