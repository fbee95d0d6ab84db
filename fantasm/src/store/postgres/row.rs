//! Values as columns.

use std::{error::Error as StdError, time::Duration};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, accepts, private::BytesMut, to_sql_checked},
};

use crate::{
    engine::{Hop, Task},
    id::{InstanceId, TaskId, TaskKey, WindowId},
    store::{StoreError, StoreErrorKind},
};

/// A `timestamptz`; the end of time is `infinity` there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At(pub(super) Timestamp);

/// Where PostgreSQL begins to count, in microseconds from where everybody else does
/// ([its documentation](https://www.postgresql.org/docs/current/datatype-datetime.html)).
const EPOCH: i64 = 946_684_800_000_000;

impl ToSql for At {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let micros = if self.0 == Timestamp::MAX { i64::MAX } else { self.0.as_microsecond() - EPOCH };
        out.extend_from_slice(&micros.to_be_bytes());
        Ok(IsNull::No)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for At {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        let micros = i64::from_be_bytes(raw.try_into()?).saturating_add(EPOCH);
        let beyond = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Ok(Self(Timestamp::from_microsecond(micros).unwrap_or(beyond)))
    }

    accepts!(TIMESTAMPTZ);
}

/// The columns that [`task`] reads, in its order, of a task `t` and its instance `i`.
macro_rules! task_columns {
    () => {
        "t.id, t.instance, t.machine, t.key, t.from_state, t.event, t.to_state, t.queue, t.context, t.token, t.window,
         t.queue_override, t.cause, t.attempt, t.created_at, t.target, i.headers, t.n_crashes"
    };
}
pub(super) use task_columns;

pub(super) fn task(row: &Row) -> Result<Task, StoreError> {
    Ok(Task {
        id: TaskId(row.try_get(0)?),
        instance: InstanceId(row.try_get(1)?),
        machine: row.try_get(2)?,
        key: TaskKey(row.try_get(3)?),
        hop: hop(row, 4)?,
        queue: free_text(row, 7)?.unwrap_or_default(),
        context: row.try_get(8)?,
        token: row.try_get(9)?,
        window: row.try_get::<_, Option<i64>>(10)?.map(WindowId),
        queue_override: free_text(row, 11)?,
        cause: free_text(row, 12)?,
        attempt: count(row, 13)?,
        created_at: time(row, 14)?,
        target: row.try_get(15)?,
        headers: json(row, 16)?,
        n_crashes: count(row, 17)?,
    })
}

/// Reads the three columns of a hop, from `first` on.
pub(super) fn hop(row: &Row, first: usize) -> Result<Hop, StoreError> {
    let hop = Hop::from_columns(row.try_get(first)?, row.try_get(first + 1)?, row.try_get(first + 2)?);
    hop.ok_or_else(|| unreadable("from_state, event and to_state name no hop"))
}

pub(super) fn time(row: &Row, column: usize) -> Result<Timestamp, StoreError> {
    Ok(row.try_get::<_, At>(column)?.0)
}

/// Reads an `integer` that counts.
pub(super) fn count(row: &Row, column: usize) -> Result<u32, StoreError> {
    Ok(u32::try_from(row.try_get::<_, i32>(column)?).unwrap_or(0))
}

/// Reads a column of JSON; NULL is the default.
pub(super) fn json<T: DeserializeOwned + Default>(row: &Row, column: usize) -> Result<T, StoreError> {
    let Some(text) = row.try_get::<_, Option<String>>(column)? else { return Ok(T::default()) };
    serde_json::from_str(&text).map_err(|error| unreadable("a column of JSON holds none").with_source(error))
}

/// Writes a column of JSON.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| {
        StoreError::new(StoreErrorKind::Internal, "what is stored with an instance is no JSON").with_source(error)
    })
}

/// A text that PostgreSQL takes: it knows no NUL, so that is written as [`ESCAPE`] and `0`. Contexts need none of this:
/// they are JSON, which has no NUL either.
pub(super) fn text(text: &str) -> String {
    if !text.contains(['\0', ESCAPE]) {
        return text.to_owned();
    }
    text.replace(ESCAPE, "\u{e000}1").replace('\0', "\u{e000}0")
}

/// Of the characters that mean nothing by themselves, the one that we give a meaning.
const ESCAPE: char = '\u{e000}';

/// Reads what [`text`] has written.
pub(super) fn free_text(row: &Row, column: usize) -> Result<Option<String>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    let read = |text: String| if text.contains(ESCAPE) { unescaped(&text) } else { text };
    Ok(text.map(read))
}

fn unescaped(text: &str) -> String {
    text.replace("\u{e000}0", "\0").replace("\u{e000}1", "\u{e000}")
}

pub(super) fn after(now: Timestamp, delay: Duration) -> At {
    At(now.saturating_add(delay).unwrap_or(Timestamp::MAX))
}

/// A length of time for `$n * interval '1 microsecond'`, cut at some thousand years.
pub(super) fn micros(delay: Duration) -> i64 {
    const LONGEST: i64 = 1 << 57;
    i64::try_from(delay.as_micros()).unwrap_or(LONGEST).min(LONGEST)
}

pub(super) fn unreadable(why: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, format!("a row of the store cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::{text, unescaped};

    #[test]
    fn every_text_comes_back_as_it_was() {
        for sample in ["", "plain", "\0", "\0a\0", "\u{e000}", "\u{e000}0\0\u{e000}1", "ß\n"] {
            let written = text(sample);
            assert!(!written.contains('\0'), "{sample:?}");
            assert_eq!(unescaped(&written), sample);
        }
    }
}
