//! Values as columns.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    engine::{Hop, Task},
    id::{InstanceId, TaskId, TaskKey, WindowId},
    store::{StoreError, StoreErrorKind},
};

/// The columns that [`task`] reads, in its order.
macro_rules! task_columns {
    () => {
        "id, instance, machine, key, from_state, event, to_state, queue, context, token, window, queue_override, cause, attempt,
         created_at, target, (SELECT headers FROM fantasm_instance WHERE fantasm_instance.id = instance),
         n_crashes"
    };
}
pub(super) use task_columns;

pub(super) fn task(row: &Row<'_>) -> rusqlite::Result<Task> {
    Ok(Task {
        id: TaskId(row.get(0)?),
        instance: InstanceId(row.get(1)?),
        machine: row.get(2)?,
        key: TaskKey(uuid(row, 3)?),
        hop: hop(row, 4)?,
        queue: row.get(7)?,
        target: row.get(15)?,
        headers: json(row, 16)?,
        context: row.get(8)?,
        token: row.get(9)?,
        window: row.get::<_, Option<i64>>(10)?.map(WindowId),
        queue_override: row.get(11)?,
        cause: row.get(12)?,
        attempt: row.get(13)?,
        n_crashes: row.get(17)?,
        created_at: timestamp(row.get(14)?),
    })
}

/// Reads the three columns of a hop, from `first` on.
pub(super) fn hop(row: &Row<'_>, first: usize) -> rusqlite::Result<Hop> {
    let hop = Hop::from_columns(row.get(first)?, row.get(first + 1)?, row.get(first + 2)?);
    hop.ok_or_else(|| unreadable(first, "from_state, event and to_state name no hop"))
}

/// Reads a column of JSON; NULL is the default.
pub(super) fn json<T: DeserializeOwned + Default>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(T::default()) };
    serde_json::from_str(&text).map_err(|error| unreadable(column, &error.to_string()))
}

/// Writes a column of JSON.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| {
        StoreError::new(StoreErrorKind::Internal, "what is stored with an instance is no JSON").with_source(error)
    })
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

pub(super) fn unreadable(column: usize, why: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, why.into())
}

pub(super) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

pub(super) fn micros_after(now: Timestamp, delay: Duration) -> i64 {
    now.saturating_add(delay).unwrap_or(Timestamp::MAX).as_microsecond()
}
