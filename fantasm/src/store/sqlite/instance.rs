//! Instances: started, ended, looked up.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    row,
    task::{self, Owner},
    writer::Tx,
};
use crate::{
    engine::NewInstance,
    id::{InstanceId, TaskId},
    store::{FailedTask, Instance, InstanceStatus, Started, StoreError},
};

pub(super) fn start(tx: &mut Tx<'_>, new: &NewInstance) -> Result<Started, StoreError> {
    let known = new.key.as_ref().map(|key| find(tx, &new.machine, key)).transpose()?.flatten();
    if let Some(id) = known {
        return Ok(Started { id, is_new: false });
    }
    tx.prepare_cached(
        "INSERT INTO fantasm_instance (machine, key, status, n_live, context, created_at)
         VALUES (?1, ?2, 'active', 1, ?3, ?4)",
    )?
    .execute(params![new.machine, new.key, new.context, tx.now().as_microsecond()])?;
    let id = InstanceId(tx.last_insert_rowid());
    task::follow(tx, &Owner { instance: id, machine: new.machine.clone(), window: None }, &new.first)?;
    Ok(Started { id, is_new: true })
}

/// Changes the number of live branches and answers the new one.
pub(super) fn add_live(tx: &Tx<'_>, id: InstanceId, n: i64) -> Result<i64, StoreError> {
    let n_live = tx
        .prepare_cached("UPDATE fantasm_instance SET n_live = n_live + ?2 WHERE id = ?1 RETURNING n_live")?
        .query_row(params![id.0, n], |row| row.get(0))?;
    Ok(n_live)
}

/// Changes the number of live branches, and ends the instance with the last.
pub(super) fn end_branch(tx: &mut Tx<'_>, id: InstanceId, n: i64, context: Option<&String>) -> Result<(), StoreError> {
    // A branch that simply goes on leaves the instance's row alone, which is most of what a machine does.
    if n == 0 || add_live(tx, id, n)? > 0 {
        return Ok(());
    }
    tx.prepare_cached(
        "UPDATE fantasm_instance
         SET status = CASE WHEN EXISTS (SELECT 1 FROM fantasm_task WHERE instance = ?1 AND status = 'failed')
                           THEN 'failed' ELSE 'finished' END,
             context = coalesce(?2, context),
             ended_at = ?3
         WHERE id = ?1",
    )?
    .execute(params![id.0, context, tx.now().as_microsecond()])?;
    tx.ended(id);
    Ok(())
}

pub(super) fn halt(tx: &mut Tx<'_>, id: InstanceId, reason: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM fantasm_work_package WHERE window IN (SELECT id FROM fantasm_window WHERE instance = ?1)",
        [id.0],
    )?;
    tx.execute("DELETE FROM fantasm_window WHERE instance = ?1", [id.0])?;
    tx.execute("DELETE FROM fantasm_task WHERE instance = ?1", [id.0])?;
    tx.execute(
        "UPDATE fantasm_instance SET status = 'halted', n_live = 0, reason = ?2, ended_at = ?3 WHERE id = ?1",
        params![id.0, reason, tx.now().as_microsecond()],
    )?;
    tx.ended(id);
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
            "SELECT id, machine, key, status, n_live, context, reason, created_at, ended_at
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
        status: status.parse::<InstanceStatus>().map_err(|error| row::unreadable(3, &error.to_string()))?,
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
