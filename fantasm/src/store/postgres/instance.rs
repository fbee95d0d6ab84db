//! Instances: started, ended, looked up.

use tokio_postgres::Row;

use super::{
    fan_in,
    inner::Inner,
    row::{self, At, text},
    task::{self, Owner},
    tx::{Params, Tx},
};
use crate::{
    action::BoxFuture,
    engine::{NewInstance, OnEnd},
    id::{InstanceId, TaskId, TaskKey},
    store::{FailedTask, Instance, InstanceStatus, Started, StoreError, branches::Branches},
};

pub(super) fn start<'a>(tx: &'a Tx<'_>, new: &'a NewInstance) -> BoxFuture<'a, Result<Started, StoreError>> {
    Box::pin(insert(tx, new))
}

const INSERT: &str = "
    INSERT INTO fantasm.instance (machine, key, parent, status, n_live, context, created_at, headers, on_end)
    VALUES ($1, $2, $3, 'active', 0, $4, $5, $6, $7) ON CONFLICT (machine, key) DO NOTHING RETURNING id";

async fn insert(tx: &Tx<'_>, new: &NewInstance) -> Result<Started, StoreError> {
    let key = new.key.as_deref().map(text);
    let headers = (!new.headers.is_empty()).then(|| row::to_json(&new.headers)).transpose()?;
    let on_end = (!new.on_end.is_empty()).then(|| row::to_json(&new.on_end)).transpose()?;
    let parent = new.parent.map(|parent| parent.0);
    let inserted = loop {
        let values: Params<'_> = &[&new.machine, &key, &parent, &new.context, &At(tx.now()), &headers, &on_end];
        if let Some(inserted) = tx.row_opt(INSERT, values).await? {
            break inserted;
        }
        // Who has the key may be purged before we look: then it is free again.
        if let Some(row) = tx.row_opt(FIND, &[&new.machine, &key]).await? {
            return Ok(Started { id: InstanceId(row.try_get(0)?), is_new: false });
        }
    };
    let id = InstanceId(inserted.try_get(0)?);
    let owner = Owner { instance: id, machine: new.machine.clone(), window: None };
    let branches = task::follow(tx, &owner, &new.first).await?;
    end_branch(tx, id, branches, None).await?;
    Ok(Started { id, is_new: true })
}

/// Changes the numbers of branches and answers the new ones.
pub(super) async fn add_branches(tx: &Tx<'_>, id: InstanceId, change: Branches) -> Result<Branches, StoreError> {
    let row = tx
        .row(
            "UPDATE fantasm.instance SET n_live = n_live + $2, n_waiting = n_waiting + $3
             WHERE id = $1 RETURNING n_live, n_waiting",
            &[&id.0, &change.live, &change.waiting],
        )
        .await?;
    Ok(Branches { live: row.try_get(0)?, waiting: row.try_get(1)? })
}

/// Changes the numbers of branches. When those that are live only wait for the others, it lets the first of them go, or ends the
/// instance where one of the others has failed; and so it does with the last.
pub(super) async fn end_branch(
    tx: &Tx<'_>,
    id: InstanceId,
    change: Branches,
    context: Option<&String>,
) -> Result<(), StoreError> {
    // A branch that simply goes on leaves the instance's row alone, which is most of what a machine does.
    if change == Branches::default() {
        return Ok(());
    }
    let branches = add_branches(tx, id, change).await?;
    if branches.live > branches.waiting {
        return Ok(());
    }
    let failed = "SELECT EXISTS (SELECT 1 FROM fantasm.task WHERE instance = $1 AND status = 'failed')";
    let has_failed: bool = tx.row(failed, &[&id.0]).await?.try_get(0)?;
    if branches.live > 0 && !has_failed {
        let n_released = fan_in::release_waiting(tx, id).await?;
        let waiting = -i64::try_from(n_released).unwrap_or(i64::MAX);
        return add_branches(tx, id, Branches { live: 0, waiting }).await.map(drop);
    }
    let status = if has_failed { InstanceStatus::Failed } else { InstanceStatus::Finished };
    tx.execute(
        "UPDATE fantasm.instance
         SET status = $2, n_live = 0, n_waiting = 0, context = coalesce($3, context), ended_at = $4, is_paused = false
         WHERE id = $1",
        &[&id.0, &status.as_str(), &context, &At(tx.now())],
    )
    .await?;
    tell_end(tx, id).await
}

/// Tells waiters that an instance has ended, and starts what starts then.
async fn tell_end(tx: &Tx<'_>, id: InstanceId) -> Result<(), StoreError> {
    tx.ended(id);
    let row = tx.row("SELECT on_end FROM fantasm.instance WHERE id = $1", &[&id.0]).await?;
    let on_end: Vec<OnEnd> = row::json(&row, 0)?;
    if on_end.is_empty() {
        return Ok(());
    }
    let Some(ended) = read_rows(&tx.rows(READ, &[&id.0]).await?)? else { return Ok(()) };
    for next in ended.completion().successors(&on_end) {
        start(tx, &next).await?;
    }
    Ok(())
}

/// Ends an instance whatever branches it has: all its tasks, windows and packages go away.
pub(super) async fn end(
    tx: &Tx<'_>,
    id: InstanceId,
    status: InstanceStatus,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    remove_branches(tx, id).await?;
    tx.execute(
        "UPDATE fantasm.instance
         SET status = $2, n_live = 0, n_waiting = 0, reason = $3, ended_at = $4, is_paused = false WHERE id = $1",
        &[&id.0, &status.as_str(), &reason.map(text), &At(tx.now())],
    )
    .await?;
    tell_end(tx, id).await
}

pub(super) async fn cancel(tx: &Tx<'_>, id: InstanceId) -> Result<bool, StoreError> {
    let is_active = lock(tx, id).await? == Some(InstanceStatus::Active);
    if is_active {
        end(tx, id, InstanceStatus::Cancelled, None).await?;
    }
    Ok(is_active)
}

/// Locks an instance against everything that changes its numbers, and answers what has become of it.
async fn lock(tx: &Tx<'_>, id: InstanceId) -> Result<Option<InstanceStatus>, StoreError> {
    let row = tx.row_opt("SELECT status FROM fantasm.instance WHERE id = $1 FOR UPDATE", &[&id.0]).await?;
    row.map(|row| status(&row, 0)).transpose()
}

pub(super) async fn retry(tx: &Tx<'_>, id: InstanceId, into: Option<&str>) -> Result<u64, StoreError> {
    // What has waited for a failed branch until the instance ended goes on waiting.
    let n_waiting: i64 = match lock(tx, id).await? {
        Some(InstanceStatus::Failed) => {
            let waiting = "SELECT count(*) FROM fantasm.task WHERE instance = $1 AND status = 'scheduled'";
            tx.row(waiting, &[&id.0]).await?.try_get(0)?
        }
        _ => 0,
    };
    if let Some(into) = into {
        begin_anew(tx, id, into).await?;
    }
    let n_failed = tx
        .execute(
            "UPDATE fantasm.task SET status = 'scheduled', attempt = 0, n_crashes = 0, run_at = $2, created_at = $2
             WHERE instance = $1 AND status = 'failed'",
            &[&id.0, &At(tx.now())],
        )
        .await?;
    if n_failed > 0 {
        let live = i64::try_from(n_failed).unwrap_or(i64::MAX).saturating_add(n_waiting);
        add_branches(tx, id, Branches { live, waiting: n_waiting }).await?;
        tx.execute("UPDATE fantasm.instance SET status = 'active', ended_at = NULL WHERE id = $1", &[&id.0]).await?;
        tx.due_changed();
    }
    Ok(n_failed)
}

/// Leads failed tasks into another state, each under a key of its own: it is another step.
async fn begin_anew(tx: &Tx<'_>, id: InstanceId, into: &str) -> Result<(), StoreError> {
    let failed = tx
        .rows(
            "SELECT id, key FROM fantasm.task
             WHERE instance = $1 AND status = 'failed' AND \"window\" IS NULL AND to_state IS DISTINCT FROM $2",
            &[&id.0, &into],
        )
        .await?;
    for row in failed {
        let (task, key): (i64, uuid::Uuid) = (row.try_get(0)?, row.try_get(1)?);
        tx.execute(
            "UPDATE fantasm.task
             SET from_state = coalesce(to_state, from_state), event = NULL, to_state = $2, token = NULL,
                 is_continued = false, key = $3
             WHERE id = $1",
            &[&task, &into, &TaskKey(key).anew().0],
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn set_paused(tx: &Tx<'_>, id: InstanceId, is_paused: bool) -> Result<bool, StoreError> {
    let n_changed = tx
        .execute("UPDATE fantasm.instance SET is_paused = $2 WHERE id = $1 AND status = 'active'", &[&id.0, &is_paused])
        .await?;
    tx.due_changed();
    Ok(n_changed > 0)
}

/// Removes the tasks of an instance, and the packages of its windows.
///
/// A branch that simply goes on does not lock the instance. While its step is under way its task is still to be seen, and
/// deleting it waits for that step, whose next task is then to be seen in turn: so we go on until there are none.
async fn remove_branches(tx: &Tx<'_>, id: InstanceId) -> Result<(), StoreError> {
    loop {
        tx.execute("SELECT id FROM fantasm.task WHERE instance = $1 ORDER BY id FOR UPDATE", &[&id.0]).await?;
        tx.execute("DELETE FROM fantasm.task WHERE instance = $1", &[&id.0]).await?;
        if tx.rows("SELECT id FROM fantasm.task WHERE instance = $1 LIMIT 1", &[&id.0]).await?.is_empty() {
            break;
        }
    }
    for sql in [
        "DELETE FROM fantasm.work_package
         WHERE \"window\" = ANY (ARRAY(SELECT id FROM fantasm.window WHERE instance = $1))",
        "DELETE FROM fantasm.window WHERE instance = $1",
    ] {
        tx.execute(sql, &[&id.0]).await?;
    }
    Ok(())
}

const FIND: &str = "SELECT id FROM fantasm.instance WHERE machine = $1 AND key = $2";

pub(super) async fn find(store: &Inner, machine: &str, key: &str) -> Result<Option<InstanceId>, StoreError> {
    let rows = store.read(FIND, &[&text(machine), &text(key)]).await?;
    rows.first().map(|row| Ok(InstanceId(row.try_get(0)?))).transpose()
}

/// One row for each failed task, or one without; in one statement, so that both are of one moment.
const READ: &str = "
    SELECT i.id, i.machine, i.key, i.status, i.n_live, i.context, i.reason, i.created_at, i.ended_at, i.parent, i.is_paused,
           i.headers, t.id, t.from_state, t.event, t.to_state, t.context, t.attempt, t.error
    FROM fantasm.instance AS i LEFT JOIN fantasm.task AS t ON t.instance = i.id AND t.status = 'failed'
    WHERE i.id = $1 ORDER BY t.id";

pub(super) async fn read(store: &Inner, id: InstanceId) -> Result<Option<Instance>, StoreError> {
    read_rows(&store.read(READ, &[&id.0]).await?)
}

fn read_rows(rows: &[Row]) -> Result<Option<Instance>, StoreError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let failed = rows.iter().filter_map(|row| failed_task(row).transpose()).collect::<Result<_, _>>()?;
    Ok(Some(Instance { failed, ..instance(first)? }))
}

fn instance(row: &Row) -> Result<Instance, StoreError> {
    let ended_at: Option<At> = row.try_get(8)?;
    Ok(Instance {
        id: InstanceId(row.try_get(0)?),
        machine: row.try_get(1)?,
        key: row::free_text(row, 2)?,
        status: status(row, 3)?,
        n_live: u64::try_from(row.try_get::<_, i64>(4)?).unwrap_or(0),
        context: row.try_get(5)?,
        reason: row::free_text(row, 6)?,
        created_at: row::time(row, 7)?,
        ended_at: ended_at.map(|At(time)| time),
        parent: row.try_get::<_, Option<i64>>(9)?.map(InstanceId),
        is_paused: row.try_get(10)?,
        headers: row::json(row, 11)?,
        failed: Vec::new(),
    })
}

fn failed_task(row: &Row) -> Result<Option<FailedTask>, StoreError> {
    let Some(id) = row.try_get(12)? else { return Ok(None) };
    Ok(Some(FailedTask {
        id: TaskId(id),
        hop: row::hop(row, 13)?,
        context: row.try_get(16)?,
        attempts: row::count(row, 17)?,
        error: row::free_text(row, 18)?.unwrap_or_default(),
    }))
}

fn status(row: &Row, column: usize) -> Result<InstanceStatus, StoreError> {
    let word: &str = row.try_get(column)?;
    word.parse().map_err(|error| row::unreadable("no status").with_source(error))
}
