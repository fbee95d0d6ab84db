//! Workers: the leases of all their tasks.

use std::time::Duration;

use rusqlite::params;

use super::{row::micros_after, writer::Tx};
use crate::{id::WorkerId, store::StoreError};

pub(super) fn register(tx: &Tx<'_>, worker: WorkerId, lease: Duration) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO fantasm_worker (id, expires_at) VALUES (?1, ?2)")?
        .execute(params![worker.0.as_bytes(), micros_after(tx.now(), lease)])?;
    Ok(())
}

pub(super) fn renew(tx: &Tx<'_>, worker: WorkerId, lease: Duration) -> Result<(), StoreError> {
    let n_renewed = tx
        .prepare_cached("UPDATE fantasm_worker SET expires_at = ?2 WHERE id = ?1")?
        .execute(params![worker.0.as_bytes(), micros_after(tx.now(), lease)])?;
    if n_renewed == 0 { Err(StoreError::lease_lost()) } else { Ok(()) }
}

/// Refuses a worker that is not known, whose tasks would never be taken back, or whose lease has run out.
pub(super) fn require(tx: &Tx<'_>, worker: WorkerId) -> Result<(), StoreError> {
    let is_live = tx
        .prepare_cached("SELECT 1 FROM fantasm_worker WHERE id = ?1 AND expires_at > ?2")?
        .exists(params![worker.0.as_bytes(), tx.now().as_microsecond()])?;
    if is_live { Ok(()) } else { Err(StoreError::lease_lost()) }
}

/// Takes the tasks of silent workers back. Their attempts count: user code may have run.
pub(super) fn rescue(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now().as_microsecond();
    let silent: Vec<[u8; 16]> = tx
        .prepare_cached("DELETE FROM fantasm_worker WHERE expires_at <= ?1 RETURNING id")?
        .query_map([now], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for worker in silent {
        tx.prepare_cached(
            "UPDATE fantasm_task SET status = 'scheduled', worker = NULL, run_at = ?2, n_crashes = n_crashes + 1
             WHERE worker = ?1 AND status = 'running'",
        )?
        .execute(params![worker, now])?;
        tx.due_changed();
    }
    Ok(())
}

pub(super) fn retire(tx: &mut Tx<'_>, worker: WorkerId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM fantasm_worker WHERE id = ?1")?.execute([worker.0.as_bytes()])?;
    tx.prepare_cached(
        "UPDATE fantasm_task SET status = 'scheduled', worker = NULL, run_at = ?2, attempt = attempt - 1
         WHERE worker = ?1 AND status = 'running'",
    )?
    .execute(params![worker.0.as_bytes(), tx.now().as_microsecond()])?;
    tx.due_changed();
    Ok(())
}
