//! Fan-in windows: join, seal, drain.

use std::{num::NonZeroU32, time::Duration};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{
    task::{self, DueAt, Owner},
    writer::Tx,
};
use crate::{
    engine::{Closing, NewPackage, NewTask},
    id::{InstanceId, WindowId},
    store::{Lease, StoreError, branches::Branches},
};

/// Adds a package to the open window of its instance, hop and group, or opens one with its task. Answers which branches
/// that adds: a window counts once, by its task.
pub(super) fn join(tx: &mut Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<Branches, StoreError> {
    let (window, branches) = match open_window(tx, owner, package)? {
        Some(window) => (window, Branches::default()),
        None => {
            (open(tx, owner, package)?, Branches { live: 1, waiting: i64::from(package.closing == Closing::Alone) })
        }
    };
    tx.prepare_cached("INSERT INTO fantasm_work_package (window, context) VALUES (?1, ?2)")?
        .execute(params![window.0, package.context])?;
    let is_full: bool = tx
        .prepare_cached(
            "UPDATE fantasm_window
             SET n_packages = n_packages + 1, is_sealed = n_packages + 1 >= coalesce(max, n_packages + 2)
             WHERE id = ?1 RETURNING is_sealed",
        )?
        .query_row([window.0], |row| row.get(0))?;
    if is_full {
        // Full windows take no more packages from here on, and need not wait out their time.
        tx.prepare_cached("UPDATE fantasm_task SET run_at = ?2 WHERE window = ?1 AND status = 'scheduled'")?
            .execute(params![window.0, tx.now().as_microsecond()])?;
        tx.due_changed();
    }
    Ok(branches)
}

/// Lets those windows of the lowest rank be drained that wait for all other branches of their instance, where all that it has
/// wait so; answers how many.
pub(super) fn release_waiting(tx: &mut Tx<'_>, instance: InstanceId) -> Result<usize, StoreError> {
    let n_released = tx
        .prepare_cached(
            "UPDATE fantasm_task SET run_at = ?2
             WHERE instance = ?1 AND status = 'scheduled' AND run_at = ?3 AND window IN (
                 SELECT id FROM fantasm_window
                 WHERE instance = ?1 AND rank = (SELECT min(rank) FROM fantasm_window WHERE instance = ?1))",
        )?
        .execute(params![instance.0, tx.now().as_microsecond(), Timestamp::MAX.as_microsecond()])?;
    tx.due_changed();
    Ok(n_released)
}

pub(super) fn seal(tx: &Tx<'_>, lease: &Lease) -> Result<Vec<String>, StoreError> {
    let Some(window) = task::owner(tx, lease)?.window else { return Ok(Vec::new()) };
    tx.prepare_cached("UPDATE fantasm_window SET is_sealed = 1 WHERE id = ?1 AND is_sealed = 0")?
        .execute([window.0])?;
    let contexts = tx
        .prepare_cached("SELECT context FROM fantasm_work_package WHERE window = ?1 ORDER BY id")?
        .query_map([window.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(contexts)
}

/// Removes a window with its packages, which somebody must have been given.
pub(super) fn drain(tx: &Tx<'_>, window: WindowId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM fantasm_work_package WHERE window = ?1")?.execute([window.0])?;
    let n_sealed =
        tx.prepare_cached("DELETE FROM fantasm_window WHERE id = ?1 AND is_sealed = 1")?.execute([window.0])?;
    if n_sealed == 0 { Err(StoreError::not_sealed()) } else { Ok(()) }
}

fn open_window(tx: &Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<Option<WindowId>, StoreError> {
    let window = tx
        .prepare_cached(
            "SELECT id FROM fantasm_window
             WHERE is_sealed = 0 AND instance = ?1 AND to_state = ?2 AND (?6 OR (from_state IS ?3 AND event IS ?4))
               AND group_key IS ?5",
        )?
        .query_row(
            params![
                owner.instance.0,
                package.hop.to(),
                package.hop.from(),
                package.hop.event(),
                package.group,
                package.closing == Closing::Alone,
            ],
            |row| row.get(0).map(WindowId),
        )
        .optional()?;
    Ok(window)
}

fn open(tx: &mut Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<WindowId, StoreError> {
    let (delay, due, max) = match package.closing {
        Closing::After { period, max } => (period, DueAt::Delay, max),
        Closing::Alone => (Duration::ZERO, DueAt::Never, None),
    };
    tx.prepare_cached(
        "INSERT INTO fantasm_window (instance, from_state, event, to_state, group_key, max, rank, n_packages, is_sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0)",
    )?
    .execute(params![
        owner.instance.0,
        package.hop.from(),
        package.hop.event(),
        package.hop.to(),
        package.group,
        max.map(NonZeroU32::get),
        package.rank,
    ])?;
    let window = WindowId(tx.last_insert_rowid());
    let drainer = Owner { instance: owner.instance, machine: owner.machine.clone(), window: Some(window) };
    let task = NewTask::new(package.window_key, package.hop.clone(), package.queue.clone(), "");
    let (target, queue_override) = (package.target.clone(), package.queue_override.clone());
    let task = NewTask { delay, target, queue_override, ..task };
    task::insert(tx, &drainer, &task, due)?;
    Ok(window)
}
