//! Queues: which of them are paused.

use rusqlite::Connection;

use super::writer::Tx;
use crate::store::StoreError;

pub(super) fn set_paused(tx: &mut Tx<'_>, queue: &str, is_paused: bool) -> Result<(), StoreError> {
    let sql = if is_paused {
        "INSERT OR IGNORE INTO fantasm_paused_queue (name) VALUES (?1)"
    } else {
        "DELETE FROM fantasm_paused_queue WHERE name = ?1"
    };
    tx.execute(sql, [queue])?;
    tx.due_changed();
    Ok(())
}

pub(super) fn paused(db: &Connection) -> Result<Vec<String>, StoreError> {
    let names = db
        .prepare_cached("SELECT name FROM fantasm_paused_queue ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(names)
}
