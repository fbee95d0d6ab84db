//! Fan-in windows: join, seal, drain.
//!
//! Whoever joins has locked the instance's row, so two branches never open the same window twice.

use std::{num::NonZeroU32, time::Duration};

use super::{
    row::{At, text},
    task::{self, DueAt, Owner},
    tx::Tx,
};
use crate::{
    engine::{Closing, NewPackage, NewTask},
    id::{InstanceId, WindowId},
    store::{Lease, StoreError, branches::Branches},
};

/// Adds a package to the open window of its instance, hop and group, or opens one with its task. Answers which branches
/// that adds: a window counts once, by its task.
pub(super) async fn join(tx: &Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<Branches, StoreError> {
    let (window, branches) = match open_window(tx, owner, package).await? {
        Some(window) => (window, Branches::default()),
        None => (
            open(tx, owner, package).await?,
            Branches { live: 1, waiting: i64::from(package.closing == Closing::Alone) },
        ),
    };
    tx.execute(
        "INSERT INTO fantasm.work_package (\"window\", context) VALUES ($1, $2)",
        &[&window.0, &package.context],
    )
    .await?;
    let row = tx
        .row(
            "UPDATE fantasm.window
             SET n_packages = n_packages + 1, is_sealed = n_packages + 1 >= coalesce(max, n_packages + 2)
             WHERE id = $1 RETURNING is_sealed",
            &[&window.0],
        )
        .await?;
    if row.try_get(0)? {
        // Full windows take no more packages from here on, and need not wait out their time.
        tx.execute(
            "UPDATE fantasm.task SET run_at = $2 WHERE \"window\" = $1 AND status = 'scheduled'",
            &[&window.0, &At(tx.now())],
        )
        .await?;
        tx.due_changed();
    }
    Ok(branches)
}

/// Lets those windows of the lowest rank be drained that wait for all other branches of their instance, where all that it has
/// wait so; answers how many. By `|| ''` they are not looked for among all that wait so in the whole store.
pub(super) async fn release_waiting(tx: &Tx<'_>, instance: InstanceId) -> Result<u64, StoreError> {
    let n_released = tx
        .execute(
            "UPDATE fantasm.task SET run_at = $2
             WHERE instance = $1 AND status || '' = 'scheduled' AND run_at = 'infinity' AND \"window\" = ANY (ARRAY(
                 SELECT id FROM fantasm.window
                 WHERE instance = $1 AND rank = (SELECT min(rank) FROM fantasm.window WHERE instance = $1)))",
            &[&instance.0, &At(tx.now())],
        )
        .await?;
    tx.due_changed();
    Ok(n_released)
}

pub(super) async fn seal(tx: &Tx<'_>, lease: &Lease) -> Result<Vec<String>, StoreError> {
    let Some(window) = task::owner(tx, lease).await?.window else { return Ok(Vec::new()) };
    tx.execute("UPDATE fantasm.window SET is_sealed = true WHERE id = $1 AND NOT is_sealed", &[&window.0]).await?;
    let rows =
        tx.rows("SELECT context FROM fantasm.work_package WHERE \"window\" = $1 ORDER BY id", &[&window.0]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Removes a window with its packages, which somebody must have been given.
pub(super) async fn drain(tx: &Tx<'_>, window: WindowId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM fantasm.work_package WHERE \"window\" = $1", &[&window.0]).await?;
    let n_sealed = tx.execute("DELETE FROM fantasm.window WHERE id = $1 AND is_sealed", &[&window.0]).await?;
    if n_sealed == 0 { Err(StoreError::not_sealed()) } else { Ok(()) }
}

/// The window that takes the package, locked: a seal that comes at the same time waits, or has been and is seen.
async fn open_window(tx: &Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<Option<WindowId>, StoreError> {
    let row = tx
        .row_opt(
            "SELECT id FROM fantasm.window
             WHERE NOT is_sealed AND instance = $1 AND to_state = $2 AND md5(coalesce(group_key, '')) = md5(coalesce($5, ''))
               AND ($6 OR (from_state IS NOT DISTINCT FROM $3 AND event IS NOT DISTINCT FROM $4))
               AND group_key IS NOT DISTINCT FROM $5
             FOR UPDATE",
            &[
                &owner.instance.0,
                &package.hop.to(),
                &package.hop.from(),
                &package.hop.event(),
                &package.group.as_deref().map(text),
                &(package.closing == Closing::Alone),
            ],
        )
        .await?;
    row.map(|row| Ok(WindowId(row.try_get(0)?))).transpose()
}

async fn open(tx: &Tx<'_>, owner: &Owner, package: &NewPackage) -> Result<WindowId, StoreError> {
    let (delay, due, max) = match package.closing {
        Closing::After { period, max } => (period, DueAt::Delay, max),
        Closing::Alone => (Duration::ZERO, DueAt::Never, None),
    };
    let max = max.map(|max: NonZeroU32| i32::try_from(max.get()).unwrap_or(i32::MAX));
    let row = tx
        .row(
            "INSERT INTO fantasm.window
                 (instance, from_state, event, to_state, group_key, max, rank, n_packages, is_sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, false) RETURNING id",
            &[
                &owner.instance.0,
                &package.hop.from(),
                &package.hop.event(),
                &package.hop.to(),
                &package.group.as_deref().map(text),
                &max,
                &i64::from(package.rank),
            ],
        )
        .await?;
    let window = WindowId(row.try_get(0)?);
    let drainer = Owner { window: Some(window), ..owner.clone() };
    let task = NewTask::new(package.window_key, package.hop.clone(), package.queue.clone(), "");
    let (target, queue_override) = (package.target.clone(), package.queue_override.clone());
    let task = NewTask { delay, target, queue_override, ..task };
    task::insert(tx, &drainer, &task, due).await?;
    Ok(window)
}
