//! Tasks: claimed, committed, given back.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use tokio_postgres::Row;

use super::{
    fan_in, history,
    inner::{Inner, answered},
    instance, limit as limits,
    row::{self, At, after, micros, task_columns, text},
    statement,
    tx::{Param, Params, Tx},
};
use crate::{
    action::BoxFuture,
    clock::until,
    engine::{Commit, NewTask, Next, Verdict},
    id::{InstanceId, TaskId, WindowId},
    store::{Claim, Claiming, InstanceStatus, Lease, StoreError, branches::Branches},
};

/// A task's place in the world, which its follow-ups share.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) instance: InstanceId,
    pub(super) machine: String,
    pub(super) window: Option<WindowId>,
}

/// What of the scheduled tasks a worker may take; its columns are in the index of what is due.
macro_rules! is_wanted {
    () => {
        "status = 'scheduled' AND machine = ANY ($1::text[])
           AND ($2::text[] IS NULL OR queue = ANY ($2::text[]))
           AND ($3::text[] IS NULL OR target IS NULL OR target = ANY ($3::text[]))
           AND queue <> ALL (ARRAY(SELECT name FROM fantasm.paused_queue))
           AND instance <> ALL (ARRAY(SELECT id FROM fantasm.instance WHERE is_paused))"
    };
}

/// One statement, so that a worker with nothing to do costs the server next to nothing: it writes and locks only when
/// there is something to take. `due` runs through the index alone; what others have locked is passed over. The worker's
/// row is locked with the tasks, so that no task is given to a worker that is being declared silent.
///
/// Whether what is due still is has to be asked of the row that was locked. By `|| ''` no index is: one whose plan was made
/// for tables with nothing in them, as those of a first start are, would look each task up among all that are due.
pub(super) const CLAIM: &str = concat!(
    "WITH due AS (
         SELECT id, run_at FROM fantasm.task
         WHERE run_at <= coalesce($5::timestamptz, now()) AND ",
    is_wanted!(),
    "    ORDER BY run_at, id),
     picked AS MATERIALIZED (
         SELECT task.id, due.run_at FROM due JOIN fantasm.task AS task ON task.id = due.id
         WHERE task.status || '' = 'scheduled' AND task.run_at <= coalesce($5::timestamptz, now())
         ORDER BY due.run_at, due.id LIMIT $6 FOR UPDATE OF task SKIP LOCKED),
     live AS MATERIALIZED (
         SELECT id FROM fantasm.worker
         WHERE id = $4 AND expires_at > coalesce($5::timestamptz, now()) AND EXISTS (SELECT 1 FROM picked)
         FOR KEY SHARE),
     claimed AS (
         UPDATE fantasm.task AS t
         SET status = 'running', worker = $4, fence = t.fence + 1, attempt = t.attempt + 1,
             claimed_at = coalesce($5::timestamptz, now())
         FROM picked, live, fantasm.instance AS i
         WHERE t.id = picked.id AND i.id = t.instance
         RETURNING ",
    task_columns!(),
    ",   t.fence, picked.run_at, t.claimed_at)
     SELECT claimed.*,
            EXISTS (SELECT 1 FROM fantasm.worker WHERE id = $4 AND expires_at > coalesce($5::timestamptz, now()))
            AND (NOT EXISTS (SELECT 1 FROM picked) OR EXISTS (SELECT 1 FROM live)) AS is_live,
            EXISTS (SELECT 1 FROM fantasm.worker WHERE expires_at <= coalesce($5::timestamptz, now())) AS is_other_silent
     FROM (SELECT 1) AS always LEFT JOIN claimed ON true
     ORDER BY claimed.run_at, claimed.id"
);

/// What a claim has found.
pub(super) struct Claimed {
    pub(super) claims: Vec<Claim>,
    /// Whether there are workers whose tasks are to be taken back.
    pub(super) is_other_silent: bool,
}

pub(super) async fn claim(store: &Inner, claiming: &Claiming, limit: i64) -> Result<Claimed, StoreError> {
    let Claiming { worker, machines, queues, labels, .. } = claiming;
    let connection = store.connection().await?;
    let now = store.now();
    let claimed = async {
        let statement = connection.prepare_cached(&store.sql(CLAIM)).await?;
        let params: Params<'_> = &[machines, queues, labels, &worker.0, &now, &limit];
        let rows = connection.query(&statement, params).await;
        Ok::<_, tokio_postgres::Error>(rows.map_err(|error| StoreError::from(error).at_claim()))
    };
    let claimed = limits::within(store.limit, claimed).await.map_err(StoreError::at_claim);
    let rows = answered(connection, claimed)???;
    let first = rows.first().ok_or_else(StoreError::lease_lost)?;
    let (is_live, is_other_silent): (bool, bool) = (first.try_get("is_live")?, first.try_get("is_other_silent")?);
    if !is_live {
        return Err(StoreError::lease_lost());
    }
    let is_claim = |row: &&Row| row.try_get::<_, Option<i64>>(0).is_ok_and(|id| id.is_some());
    let claim = |row: &Row| {
        let task = row::task(row)?;
        let lease = Lease { task: task.id, worker: *worker, fence: row.try_get(18)? };
        Ok(Claim { lease, task, at: row::time(row, 20)? })
    };
    let claims = rows.iter().filter(is_claim).map(claim).collect::<Result<_, StoreError>>()?;
    Ok(Claimed { claims, is_other_silent })
}

pub(super) const NEXT_DUE: &str = concat!(
    "SELECT least(
         (SELECT run_at FROM fantasm.task WHERE run_at < 'infinity' AND ",
    is_wanted!(),
    "     ORDER BY run_at LIMIT 1),
         (SELECT min(expires_at) FROM fantasm.worker WHERE id <> $4)), coalesce($5::timestamptz, now())"
);

pub(super) async fn next_due(store: &Inner, claiming: &Claiming) -> Result<Option<Duration>, StoreError> {
    let Claiming { worker, machines, queues, labels, .. } = claiming;
    let rows = store.read(NEXT_DUE, &[machines, queues, labels, &worker.0, &store.now()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (due, At(now)): (Option<At>, At) = (row.try_get(0)?, row.try_get(1)?);
    Ok(due.map(|At(due)| until(due, now)))
}

pub(super) async fn advance(tx: &Tx<'_>, lease: &Lease, next: &NewTask) -> Result<bool, StoreError> {
    let owner = owner(tx, lease).await?;
    let n_changed = tx
        .execute("UPDATE fantasm.task SET is_continued = true WHERE id = $1 AND NOT is_continued", &[&lease.task.0])
        .await?;
    if n_changed == 0 {
        return Ok(false);
    }
    let page = Owner { window: None, ..owner };
    insert(tx, &page, next, DueAt::Delay).await?;
    instance::add_branches(tx, page.instance, Branches { live: 1, waiting: 0 }).await?;
    Ok(true)
}

pub(super) async fn commit(tx: &Tx<'_>, lease: &Lease, commit: &Commit) -> Result<(), StoreError> {
    let owner = owner(tx, lease).await?;
    conclude(tx, lease, commit, owner).await?;
    // Last: under a role or with settings of theirs nothing of ours is written.
    statement::execute_all(tx, &commit.statements).await
}

/// Writes what becomes of the task.
async fn conclude(tx: &Tx<'_>, lease: &Lease, commit: &Commit, owner: Owner) -> Result<(), StoreError> {
    let id = lease.task;
    match &commit.verdict {
        Verdict::Done { next, context } => {
            history::record(tx, lease, commit).await?;
            tx.execute("DELETE FROM fantasm.task WHERE id = $1", &[&id.0]).await?;
            if let Some(window) = owner.window {
                fan_in::drain(tx, window).await?;
            }
            let mut branches = Branches { live: -1, waiting: 0 };
            for next in next {
                branches += follow(tx, &owner, next).await?;
            }
            instance::end_branch(tx, owner.instance, branches, Some(context)).await
        }
        Verdict::Retry { delay, error } => {
            history::record(tx, lease, commit).await?;
            tx.execute(
                "UPDATE fantasm.task SET status = 'scheduled', worker = NULL, run_at = $2, error = $3, n_crashes = 0
                 WHERE id = $1",
                &[&id.0, &after(tx.now(), *delay), &text(error)],
            )
            .await?;
            tx.due_changed();
            Ok(())
        }
        Verdict::Fail { error } => {
            history::record(tx, lease, commit).await?;
            tx.execute(
                "UPDATE fantasm.task SET status = 'failed', worker = NULL, error = $2 WHERE id = $1",
                &[&id.0, &text(error)],
            )
            .await?;
            instance::end_branch(tx, owner.instance, Branches { live: -1, waiting: 0 }, None).await
        }
        Verdict::Halt { reason } => {
            history::record(tx, lease, commit).await?;
            instance::end(tx, owner.instance, InstanceStatus::Halted, Some(reason)).await
        }
    }
}

pub(super) async fn release(store: &Inner, lease: &Lease, delay: Duration) -> Result<(), StoreError> {
    let n_released = store
        .write(
            "UPDATE fantasm.task
             SET status = 'scheduled', worker = NULL, attempt = attempt - 1,
                 run_at = coalesce($1::timestamptz, now()) + $5::bigint * interval '1 microsecond'
             WHERE id = $2 AND status || '' = 'running' AND worker = $3 AND fence = $4",
            &[&store.now(), &lease.task.0, &lease.worker.0, &lease.fence, &micros(delay)],
        )
        .await?;
    if n_released == 0 {
        return Err(StoreError::lease_lost());
    }
    store.tell_due();
    Ok(())
}

/// Makes what follows and answers which branches of the instance that adds.
pub(super) fn follow<'a>(
    tx: &'a Tx<'_>,
    owner: &'a Owner,
    next: &'a Next,
) -> BoxFuture<'a, Result<Branches, StoreError>> {
    Box::pin(async move {
        match next {
            Next::Task(task) => {
                insert(tx, &Owner { window: None, ..owner.clone() }, task, DueAt::Delay).await?;
                Ok(Branches { live: 1, waiting: 0 })
            }
            Next::Package(package) => fan_in::join(tx, owner, package).await,
            Next::Spawn(instance) => instance::start(tx, instance).await.map(|_| Branches::default()),
        }
    })
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
pub(super) async fn insert(tx: &Tx<'_>, owner: &Owner, task: &NewTask, due: DueAt) -> Result<(), StoreError> {
    let run_at = match due {
        DueAt::Delay => after(tx.now(), task.delay),
        DueAt::Never => At(Timestamp::MAX),
    };
    tx.execute(
        "INSERT INTO fantasm.task (instance, machine, key, from_state, event, to_state, queue, context, token,
                                   queue_override, cause, \"window\", status, run_at, attempt, is_continued, fence,
                                   created_at, target)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'scheduled', $13, 0, false, 0, $14, $15)",
        &[
            &owner.instance.0,
            &owner.machine,
            &task.key.0,
            &task.hop.from(),
            &task.hop.event(),
            &task.hop.to(),
            &text(&task.queue),
            &task.context,
            &task.token,
            &task.queue_override.as_deref().map(text),
            &task.cause.as_deref().map(text),
            &owner.window.map(|window| window.0),
            &run_at,
            &At(tx.now()),
            &task.target,
        ],
    )
    .await?;
    tx.due_changed();
    Ok(())
}

/// Reads whose a task is and locks it, if the lease still gives a right to it. Here too, and where tasks are released, `|| ''`
/// leaves the planner the task's number alone: the other index has all that the worker is at.
pub(super) async fn owner(tx: &Tx<'_>, lease: &Lease) -> Result<Owner, StoreError> {
    let row = tx
        .row_opt(
            "SELECT instance, machine, \"window\" FROM fantasm.task
             WHERE id = $1 AND status || '' = 'running' AND worker = $2 AND fence = $3 FOR UPDATE",
            &[&lease.task.0, &lease.worker.0, &lease.fence],
        )
        .await?
        .ok_or_else(StoreError::lease_lost)?;
    Ok(Owner {
        instance: InstanceId(row.try_get(0)?),
        machine: row.try_get(1)?,
        window: row.try_get::<_, Option<i64>>(2)?.map(WindowId),
    })
}

/// Locks what steps are about in one order for all: instances by number, then tasks by number. So transactions wait for
/// each other, but never in a circle. A branch that simply goes on needs no instance.
///
/// Answers the tasks' instances, by task.
pub(super) async fn lock(tx: &Tx<'_>, counting: &[TaskId], all: &[TaskId]) -> Result<BTreeMap<i64, i64>, StoreError> {
    let ids = |tasks: &[TaskId]| tasks.iter().map(|task| task.0).collect::<Vec<_>>();
    let (counting, all) = (ids(counting), ids(all));
    let (of_counting, of_all): ([Param<'_>; 1], [Param<'_>; 1]) = ([&counting], [&all]);
    let (instances, tasks) = tokio::join!(
        tx.execute(LOCK_INSTANCES, &of_counting),
        tx.rows("SELECT id, instance FROM fantasm.task WHERE id = ANY ($1) ORDER BY id FOR UPDATE", &of_all)
    );
    instances?;
    tasks?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

pub(super) const LOCK_INSTANCES: &str = "
    SELECT id FROM fantasm.instance
    WHERE id = ANY (ARRAY(SELECT instance FROM fantasm.task WHERE id = ANY ($1)))
    ORDER BY id FOR NO KEY UPDATE";
