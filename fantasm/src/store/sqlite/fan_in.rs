//! Fan-in windows: join, seal, drain.

use rusqlite::{OptionalExtension, params};

use super::{
    task::{self, Owner},
    writer::Tx,
};
use crate::{
    engine::{NewPackage, NewTask},
    id::WindowId,
    store::{Lease, StoreError},
};

/// Adds a package to the open window of its instance, hop and group, or opens one with its task. Answers how many live
/// branches that adds: a window counts once, by its task.
pub(super) fn join(tx: &mut Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<i64, StoreError> {
    let (window, n_live) = match open_window(tx, owner, package)? {
        Some(window) => (window, 0),
        None => (open(tx, owner, package)?, 1),
    };
    tx.prepare_cached("INSERT INTO fantasm_work_package (window, context) VALUES (?1, ?2)")?
        .execute(params![window.0, package.context])?;
    Ok(n_live)
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

/// Removes a window with its packages.
pub(super) fn drain(tx: &Tx<'_>, window: WindowId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM fantasm_work_package WHERE window = ?1")?.execute([window.0])?;
    tx.prepare_cached("DELETE FROM fantasm_window WHERE id = ?1")?.execute([window.0])?;
    Ok(())
}

fn open_window(tx: &Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<Option<WindowId>, StoreError> {
    let window = tx
        .prepare_cached(
            "SELECT id FROM fantasm_window
             WHERE is_sealed = 0 AND instance = ?1 AND to_state = ?2 AND from_state IS ?3 AND event IS ?4
               AND group_key IS ?5",
        )?
        .query_row(
            params![owner.instance.0, package.hop.to(), package.hop.from(), package.hop.event(), package.group],
            |row| row.get(0).map(WindowId),
        )
        .optional()?;
    Ok(window)
}

fn open(tx: &mut Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<WindowId, StoreError> {
    tx.prepare_cached(
        "INSERT INTO fantasm_window (instance, from_state, event, to_state, group_key, is_sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, 0)",
    )?
    .execute(params![
        owner.instance.0,
        package.hop.from(),
        package.hop.event(),
        package.hop.to(),
        package.group
    ])?;
    let window = WindowId(tx.last_insert_rowid());
    let drainer = Owner { instance: owner.instance, machine: owner.machine.clone(), window: Some(window) };
    task::insert(
        tx,
        &drainer,
        &NewTask {
            key: package.window_key,
            hop: package.hop.clone(),
            queue: package.queue.clone(),
            context: String::new(),
            token: None,
            delay: package.period,
        },
    )?;
    Ok(window)
}
