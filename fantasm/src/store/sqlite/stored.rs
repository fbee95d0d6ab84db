//! Tasks as they are stored, whoever may run them.

use std::num::NonZeroU32;

use rusqlite::{Connection, Row, params};

use super::row;
use crate::{
    id::{InstanceId, TaskId},
    store::{Gathering, StoreError, StoredTask},
};

/// Asks only for what the first schema has, so that a file of any age can be looked at.
pub(super) fn tasks(db: &Connection, after: TaskId, limit: NonZeroU32) -> Result<Vec<StoredTask>, StoreError> {
    let mut packages = db.prepare_cached("SELECT context FROM fantasm_work_package WHERE window = ?1 ORDER BY id")?;
    let mut contexts = |window: i64| -> Result<Vec<String>, StoreError> {
        Ok(packages.query_map([window], |row| row.get(0))?.collect::<Result<_, _>>()?)
    };
    let mut statement = db.prepare_cached(
        "SELECT id, instance, machine, from_state, event, to_state, token IS NOT NULL, window, context,
                CASE WHEN status = 'scheduled' AND EXISTS (
                    SELECT 1 FROM fantasm_window WHERE fantasm_window.id = window AND is_sealed = 0
                ) THEN run_at END
         FROM fantasm_task WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after.0, limit.get()])?;
    let mut tasks = Vec::new();
    while let Some(row) = rows.next()? {
        let mut task = task(row)?;
        if let Some(window) = row.get(7)? {
            task.contexts = contexts(window)?;
        }
        tasks.push(task);
    }
    Ok(tasks)
}

fn task(row: &Row<'_>) -> rusqlite::Result<StoredTask> {
    Ok(StoredTask {
        id: TaskId(row.get(0)?),
        instance: InstanceId(row.get(1)?),
        machine: row.get(2)?,
        hop: row::hop(row, 3)?,
        has_token: row.get(6)?,
        has_window: row.get::<_, Option<i64>>(7)?.is_some(),
        gathering: row.get::<_, Option<i64>>(9)?.map(|run_at| Gathering::of(row::timestamp(run_at))),
        contexts: vec![row.get(8)?],
    })
}
