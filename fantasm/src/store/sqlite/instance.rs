//! Instances: started, ended, looked up.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    fan_in, row,
    task::{self, Owner},
    writer::Tx,
};
use crate::{
    engine::{NewInstance, OnEnd},
    id::{InstanceId, TaskId, TaskKey},
    store::{FailedTask, Instance, InstanceStatus, Started, StoreError, branches::Branches},
};

pub(super) fn start(tx: &mut Tx<'_>, new: &NewInstance) -> Result<Started, StoreError> {
    let known = new.key.as_ref().map(|key| find(tx, &new.machine, key)).transpose()?.flatten();
    if let Some(id) = known {
        return Ok(Started { id, is_new: false });
    }
    tx.prepare_cached(
        "INSERT INTO fantasm_instance (machine, key, parent, status, n_live, context, created_at, headers, on_end)
         VALUES (?1, ?2, ?3, 'active', 0, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        new.machine,
        new.key,
        new.parent.map(|parent| parent.0),
        new.context,
        tx.now().as_microsecond(),
        (!new.headers.is_empty()).then(|| row::to_json(&new.headers)).transpose()?,
        (!new.on_end.is_empty()).then(|| row::to_json(&new.on_end)).transpose()?,
    ])?;
    let id = InstanceId(tx.last_insert_rowid());
    let branches = task::follow(tx, &Owner { instance: id, machine: new.machine.clone(), window: None }, &new.first)?;
    end_branch(tx, id, branches, None)?;
    Ok(Started { id, is_new: true })
}

/// Changes the numbers of branches and answers the new ones.
pub(super) fn add_branches(tx: &Tx<'_>, id: InstanceId, change: Branches) -> Result<Branches, StoreError> {
    let branches = tx
        .prepare_cached(
            "UPDATE fantasm_instance SET n_live = n_live + ?2, n_waiting = n_waiting + ?3
             WHERE id = ?1 RETURNING n_live, n_waiting",
        )?
        .query_row(params![id.0, change.live, change.waiting], |row| {
            Ok(Branches { live: row.get(0)?, waiting: row.get(1)? })
        })?;
    Ok(branches)
}

/// Changes the numbers of branches. When those that are live only wait for the others, it lets the first of them go, or ends the
/// instance where one of the others has failed; and so it does with the last.
pub(super) fn end_branch(
    tx: &mut Tx<'_>,
    id: InstanceId,
    change: Branches,
    context: Option<&String>,
) -> Result<(), StoreError> {
    // A branch that simply goes on leaves the instance's row alone, which is most of what a machine does.
    if change == Branches::default() {
        return Ok(());
    }
    let branches = add_branches(tx, id, change)?;
    if branches.live > branches.waiting {
        return Ok(());
    }
    let has_failed =
        tx.prepare_cached("SELECT 1 FROM fantasm_task WHERE instance = ?1 AND status = 'failed'")?.exists([id.0])?;
    if branches.live > 0 && !has_failed {
        let n_released = fan_in::release_waiting(tx, id)?;
        let waiting = -i64::try_from(n_released).unwrap_or(i64::MAX);
        return add_branches(tx, id, Branches { live: 0, waiting }).map(drop);
    }
    let status = if has_failed { InstanceStatus::Failed } else { InstanceStatus::Finished };
    tx.prepare_cached(
        "UPDATE fantasm_instance
         SET status = ?2, n_live = 0, n_waiting = 0, context = coalesce(?3, context), ended_at = ?4, is_paused = 0
         WHERE id = ?1",
    )?
    .execute(params![id.0, status.as_str(), context, tx.now().as_microsecond()])?;
    tell_end(tx, id)
}

/// Tells waiters that an instance has ended, and starts what starts then.
fn tell_end(tx: &mut Tx<'_>, id: InstanceId) -> Result<(), StoreError> {
    tx.ended(id);
    let on_end: Vec<OnEnd> = tx
        .prepare_cached("SELECT on_end FROM fantasm_instance WHERE id = ?1")?
        .query_row([id.0], |row| row::json(row, 0))?;
    if on_end.is_empty() {
        return Ok(());
    }
    let Some(ended) = read(tx, id)? else { return Ok(()) };
    ended.completion().successors(&on_end).iter().try_for_each(|next| start(tx, next).map(drop))
}

/// Ends an instance whatever branches it has: all its tasks, windows and packages go away.
pub(super) fn end(
    tx: &mut Tx<'_>,
    id: InstanceId,
    status: InstanceStatus,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    remove_branches(tx, id)?;
    tx.execute(
        "UPDATE fantasm_instance
         SET status = ?2, n_live = 0, n_waiting = 0, reason = ?3, ended_at = ?4, is_paused = 0 WHERE id = ?1",
        params![id.0, status.as_str(), reason, tx.now().as_microsecond()],
    )?;
    tell_end(tx, id)
}

pub(super) fn cancel(tx: &mut Tx<'_>, id: InstanceId) -> Result<bool, StoreError> {
    let is_active =
        tx.prepare_cached("SELECT 1 FROM fantasm_instance WHERE id = ?1 AND status = 'active'")?.exists([id.0])?;
    if is_active {
        end(tx, id, InstanceStatus::Cancelled, None)?;
    }
    Ok(is_active)
}

pub(super) fn retry(tx: &mut Tx<'_>, id: InstanceId, into: Option<&str>) -> Result<u64, StoreError> {
    if let Some(into) = into {
        begin_anew(tx, id, into)?;
    }
    // What has waited for a failed branch until the instance ended goes on waiting.
    let n_waiting: i64 = tx
        .prepare_cached(
            "SELECT count(*) FROM fantasm_task WHERE instance = ?1 AND status = 'scheduled'
               AND EXISTS (SELECT 1 FROM fantasm_instance WHERE id = ?1 AND status = 'failed')",
        )?
        .query_row([id.0], |row| row.get(0))?;
    let n_failed = tx
        .prepare_cached(
            "UPDATE fantasm_task SET status = 'scheduled', attempt = 0, n_crashes = 0, run_at = ?2, created_at = ?2
             WHERE instance = ?1 AND status = 'failed'",
        )?
        .execute(params![id.0, tx.now().as_microsecond()])?;
    if n_failed > 0 {
        let n_live = i64::try_from(n_failed).unwrap_or(i64::MAX).saturating_add(n_waiting);
        add_branches(tx, id, Branches { live: n_live, waiting: n_waiting })?;
        tx.execute("UPDATE fantasm_instance SET status = 'active', ended_at = NULL WHERE id = ?1", [id.0])?;
        tx.due_changed();
    }
    Ok(u64::try_from(n_failed).unwrap_or(u64::MAX))
}

/// Leads failed tasks into another state, each under a key of its own: it is another step.
fn begin_anew(tx: &Tx<'_>, id: InstanceId, into: &str) -> Result<(), StoreError> {
    let failed: Vec<(i64, TaskKey)> = tx
        .prepare_cached(
            "SELECT id, key FROM fantasm_task
             WHERE instance = ?1 AND status = 'failed' AND window IS NULL AND to_state IS NOT ?2",
        )?
        .query_map(params![id.0, into], |row| Ok((row.get(0)?, TaskKey(row::uuid(row, 1)?))))?
        .collect::<Result<_, _>>()?;
    for (task, key) in failed {
        tx.prepare_cached(
            "UPDATE fantasm_task
             SET from_state = coalesce(to_state, from_state), event = NULL, to_state = ?2, token = NULL, is_continued = 0, key = ?3
             WHERE id = ?1",
        )?
        .execute(params![task, into, key.anew().0.as_bytes()])?;
    }
    Ok(())
}

pub(super) fn set_paused(tx: &mut Tx<'_>, id: InstanceId, is_paused: bool) -> Result<bool, StoreError> {
    let n_changed = tx
        .prepare_cached("UPDATE fantasm_instance SET is_paused = ?2 WHERE id = ?1 AND status = 'active'")?
        .execute(params![id.0, is_paused])?;
    tx.due_changed();
    Ok(n_changed > 0)
}

/// Removes what ended before that time, the oldest first, and goes on past what others refer to: else as many of these as are
/// removed at once would keep all others for ever.
pub(super) fn purge(tx: &Tx<'_>, ended_before: Timestamp, limit: NonZeroU32) -> Result<u64, StoreError> {
    let mut ended = tx.prepare_cached(
        "SELECT ended_at, id FROM fantasm_instance WHERE ended_at < ?1 AND (ended_at, id) > (?3, ?4)
         ORDER BY ended_at, id LIMIT ?2",
    )?;
    let (mut n_removed, mut n_kept, mut last) = (0_u32, 0_u64, (i64::MIN, 0_i64));
    while n_removed < limit.get() {
        let n_left = limit.get() - n_removed;
        let page: Vec<(i64, i64)> = ended
            .query_map(params![ended_before.as_microsecond(), n_left, last.0, last.1], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        let Some(end) = page.last() else { break };
        last = *end;
        for (_, id) in page {
            if try_remove(tx, InstanceId(id))? {
                n_removed += 1;
            } else {
                n_kept += 1;
            }
        }
    }
    if n_kept > 0 {
        tracing::warn!(n_kept, "instances cannot be removed: other tables refer to them");
    }
    Ok(u64::from(n_removed))
}

/// Removes an instance, unless a table of the user's own refers to it.
fn try_remove(tx: &Tx<'_>, id: InstanceId) -> Result<bool, StoreError> {
    tx.execute_batch("SAVEPOINT purge")?;
    let is_removed = match remove(tx, id) {
        Ok(()) => true,
        Err(error) if error.is_constraint_violation() => {
            tracing::debug!(instance = id.0, %error, "an instance is kept");
            tx.execute_batch("ROLLBACK TO purge")?;
            false
        }
        Err(error) => return Err(error),
    };
    tx.execute_batch("RELEASE purge")?;
    Ok(is_removed)
}

/// Removes all of an instance.
fn remove(tx: &Tx<'_>, id: InstanceId) -> Result<(), StoreError> {
    remove_branches(tx, id)?;
    for sql in [
        "DELETE FROM fantasm_step WHERE instance = ?1",
        "DELETE FROM fantasm_log WHERE instance = ?1",
        "DELETE FROM fantasm_instance WHERE id = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([id.0])?;
    }
    Ok(())
}

/// Removes the tasks of an instance, and the packages of its windows.
fn remove_branches(tx: &Tx<'_>, id: InstanceId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM fantasm_work_package WHERE window IN (SELECT id FROM fantasm_window WHERE instance = ?1)",
        "DELETE FROM fantasm_window WHERE instance = ?1",
        "DELETE FROM fantasm_task WHERE instance = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([id.0])?;
    }
    Ok(())
}

pub(super) fn find(db: &Connection, machine: &str, key: &str) -> Result<Option<InstanceId>, StoreError> {
    let id = db
        .prepare_cached("SELECT id FROM fantasm_instance WHERE machine = ?1 AND key = ?2")?
        .query_row([machine, key], |row| row.get(0).map(InstanceId))
        .optional()?;
    Ok(id)
}

pub(super) fn read(db: &Connection, id: InstanceId) -> Result<Option<Instance>, StoreError> {
    let instance = db
        .prepare_cached(
            "SELECT id, machine, key, status, n_live, context, reason, created_at, ended_at, parent, is_paused, headers
             FROM fantasm_instance WHERE id = ?1",
        )?
        .query_row([id.0], instance)
        .optional()?;
    let Some(mut instance) = instance else { return Ok(None) };
    instance.failed = db
        .prepare_cached(
            "SELECT id, from_state, event, to_state, context, attempt, error
             FROM fantasm_task WHERE instance = ?1 AND status = 'failed' ORDER BY id",
        )?
        .query_map([id.0], failed_task)?
        .collect::<Result<_, _>>()?;
    Ok(Some(instance))
}

fn instance(row: &Row<'_>) -> rusqlite::Result<Instance> {
    let status: String = row.get(3)?;
    Ok(Instance {
        id: InstanceId(row.get(0)?),
        machine: row.get(1)?,
        key: row.get(2)?,
        parent: row.get::<_, Option<i64>>(9)?.map(InstanceId),
        status: status.parse::<InstanceStatus>().map_err(|error| row::unreadable(3, &error.to_string()))?,
        is_paused: row.get(10)?,
        headers: row::json(row, 11)?,
        n_live: u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0),
        context: row.get(5)?,
        reason: row.get(6)?,
        failed: Vec::new(),
        created_at: row::timestamp(row.get(7)?),
        ended_at: row.get::<_, Option<i64>>(8)?.map(row::timestamp),
    })
}

fn failed_task(row: &Row<'_>) -> rusqlite::Result<FailedTask> {
    Ok(FailedTask {
        id: TaskId(row.get(0)?),
        hop: row::hop(row, 1)?,
        context: row.get(4)?,
        attempts: row.get(5)?,
        error: row.get(6)?,
    })
}
