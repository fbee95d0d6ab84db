//! Queues: which of them are paused.

use super::{
    inner::Inner,
    row::{self, text},
    tx::Tx,
};
use crate::store::StoreError;

pub(super) async fn set_paused(tx: &Tx<'_>, queue: &str, is_paused: bool) -> Result<(), StoreError> {
    let sql = if is_paused {
        "INSERT INTO fantasm.paused_queue (name) VALUES ($1) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM fantasm.paused_queue WHERE name = $1"
    };
    tx.execute(sql, &[&text(queue)]).await?;
    tx.due_changed();
    Ok(())
}

pub(super) async fn paused(store: &Inner) -> Result<Vec<String>, StoreError> {
    let rows = store.read("SELECT name FROM fantasm.paused_queue ORDER BY name COLLATE \"C\"", &[]).await?;
    rows.iter().map(|row| Ok(row::free_text(row, 0)?.unwrap_or_default())).collect()
}
