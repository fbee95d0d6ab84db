//! Tasks as they are stored, whoever may run them.

use std::num::NonZeroU32;

use tokio_postgres::Row;

use super::{
    inner::Inner,
    row::{self, At},
};
use crate::{
    id::{InstanceId, TaskId},
    store::{Gathering, StoreError, StoredTask},
};

pub(super) async fn tasks(store: &Inner, after: TaskId, limit: NonZeroU32) -> Result<Vec<StoredTask>, StoreError> {
    let rows = store
        .read(
            "SELECT id, instance, machine, from_state, event, to_state, token IS NOT NULL, \"window\" IS NOT NULL,
                    CASE WHEN \"window\" IS NULL THEN ARRAY[context] ELSE ARRAY(
                        SELECT package.context FROM fantasm.work_package AS package
                        WHERE package.\"window\" = task.\"window\" ORDER BY package.id) END,
                    CASE WHEN status = 'scheduled' AND EXISTS (
                        SELECT FROM fantasm.\"window\" AS open WHERE open.id = task.\"window\" AND NOT open.is_sealed
                    ) THEN run_at END
             FROM fantasm.task WHERE id > $1 ORDER BY id LIMIT $2",
            &[&after.0, &i64::from(limit.get())],
        )
        .await?;
    rows.iter().map(task).collect()
}

fn task(row: &Row) -> Result<StoredTask, StoreError> {
    Ok(StoredTask {
        id: TaskId(row.try_get(0)?),
        instance: InstanceId(row.try_get(1)?),
        machine: row.try_get(2)?,
        hop: row::hop(row, 3)?,
        has_token: row.try_get(6)?,
        has_window: row.try_get(7)?,
        gathering: row.try_get::<_, Option<At>>(9)?.map(|At(run_at)| Gathering::of(run_at)),
        contexts: row.try_get(8)?,
    })
}
