//! Workers: the leases of all their tasks.

use std::time::Duration;

use uuid::Uuid;

use super::{
    inner::Inner,
    row::{At, micros},
    tx::Tx,
};
use crate::{id::WorkerId, store::StoreError};

pub(super) async fn register(store: &Inner, worker: WorkerId, lease: Duration) -> Result<(), StoreError> {
    // Whoever did not hear the first answer asks again.
    store
        .write_alone(
            lease,
            "INSERT INTO fantasm.worker (id, expires_at)
             VALUES ($2, coalesce($1::timestamptz, now()) + $3::bigint * interval '1 microsecond')
             ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at",
            &[&store.now(), &worker.0, &micros(lease)],
        )
        .await?;
    Ok(())
}

pub(super) async fn renew(store: &Inner, worker: WorkerId, lease: Duration) -> Result<(), StoreError> {
    let n_renewed = store
        .write_alone(
            lease,
            "UPDATE fantasm.worker SET expires_at = coalesce($1::timestamptz, now()) + $3::bigint * interval '1 microsecond'
             WHERE id = $2 AND expires_at > '-infinity'",
            &[&store.now(), &worker.0, &micros(lease)],
        )
        .await?;
    if n_renewed == 0 { Err(StoreError::lease_lost()) } else { Ok(()) }
}

/// Takes the tasks of silent workers back. Their attempts count: user code may have run.
///
/// Nobody waits here. A silent worker's claim that is still under way keeps its row for now; a task that is locked is
/// left for the next time, and until then the worker's row says that it has lost them all.
pub(super) async fn rescue(tx: &Tx<'_>) -> Result<(), StoreError> {
    let silent = tx
        .rows(
            "UPDATE fantasm.worker SET expires_at = '-infinity'
             WHERE id IN (SELECT id FROM fantasm.worker WHERE expires_at <= $1 ORDER BY id FOR UPDATE SKIP LOCKED)
             RETURNING id",
            &[&At(tx.now())],
        )
        .await?;
    for row in silent {
        let worker: Uuid = row.try_get(0)?;
        tx.execute(
            "UPDATE fantasm.task SET status = 'scheduled', worker = NULL, run_at = $2, n_crashes = n_crashes + 1
             WHERE id = ANY (ARRAY(SELECT id FROM fantasm.task WHERE worker = $1 AND status = 'running'
                                   ORDER BY id FOR UPDATE SKIP LOCKED))",
            &[&worker, &At(tx.now())],
        )
        .await?;
        tx.execute(
            "DELETE FROM fantasm.worker WHERE id = $1
               AND NOT EXISTS (SELECT 1 FROM fantasm.task WHERE worker = $1 AND status = 'running')",
            &[&worker],
        )
        .await?;
        tx.due_changed();
    }
    Ok(())
}

pub(super) async fn retire(tx: &Tx<'_>, worker: WorkerId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM fantasm.worker WHERE id = $1", &[&worker.0]).await?;
    tx.execute(
        "UPDATE fantasm.task SET status = 'scheduled', worker = NULL, run_at = $2, attempt = attempt - 1
         WHERE id = ANY (ARRAY(SELECT id FROM fantasm.task WHERE worker = $1 AND status = 'running'
                               ORDER BY id FOR UPDATE))",
        &[&worker.0, &At(tx.now())],
    )
    .await?;
    tx.due_changed();
    Ok(())
}
