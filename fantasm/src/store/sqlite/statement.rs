//! The user's own SQL, inside the savepoint of its step.

use rusqlite::{
    ErrorCode, ToSql, ffi,
    types::{ToSqlOutput, Value, ValueRef},
};

use super::writer::Tx;
use crate::{
    store::StoreError,
    transaction::{RETURNS_ROWS, SqlValue, Statement},
};

/// Runs the statements in their order; an error undoes the whole savepoint, and so the step.
pub(super) fn execute_all(tx: &Tx<'_>, statements: &[Statement]) -> Result<(), StoreError> {
    statements.iter().try_for_each(|statement| execute(tx, statement))
}

fn execute(tx: &Tx<'_>, statement: &Statement) -> Result<(), StoreError> {
    let Statement { sql, parameters, n_rows } = statement;
    let refused = |error| refused(sql, error);
    let mut prepared = tx.prepare_cached(sql).map_err(refused)?;
    if prepared.readonly() {
        return Err(StoreError::wrong_statement(sql, "changes nothing"));
    }
    if prepared.column_count() > 0 {
        return Err(StoreError::wrong_statement(sql, RETURNS_ROWS));
    }
    if prepared.parameter_count() > parameters.len() {
        let (asked, given) = (prepared.parameter_count(), parameters.len());
        return Err(StoreError::wrong_statement(sql, format_args!("has {asked} parameters, but {given} are bound")));
    }
    for (number, value) in (1..).zip(parameters) {
        // `$1` is a name to SQLite, whose own numbers are written `?1`.
        let index = prepared.parameter_index(&format!("${number}")).map_err(refused)?;
        let Some(index) = index else {
            return Err(StoreError::wrong_statement(sql, format_args!("has no parameter `${number}`")));
        };
        prepared.raw_bind_parameter(index, value).map_err(refused)?;
    }
    let limit = tx.time_limit();
    let n_changed = limit.during(|| prepared.raw_execute()).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => StoreError::statement(sql, limit).with_source(error),
        _ => refused(error),
    })?;
    match *n_rows {
        Some(n_rows) if u64::try_from(n_changed) != Ok(n_rows) => {
            Err(StoreError::statement(sql, format_args!("changed {n_changed} rows where it had to change {n_rows}")))
        }
        _ => Ok(()),
    }
}

/// A disk that is full or does not answer is not the statement's fault; and what depends on rows that others write may be
/// otherwise when the step is tried again.
fn refused(sql: &str, error: rusqlite::Error) -> StoreError {
    let Some(ffi::Error { code, extended_code }) = error.sqlite_error().copied() else {
        return StoreError::wrong_statement(sql, "was refused").with_source(error);
    };
    let may_pass = || StoreError::statement(sql, "was refused");
    match code {
        ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::OutOfMemory => return error.into(),
        // The row that a key refers to may still come, and a trigger may ask for anything.
        ErrorCode::ConstraintViolation => match extended_code {
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER => may_pass(),
            _ => StoreError::wrong_statement(sql, "was refused"),
        },
        // What is no SQL, what names something that is not there, and what cannot be computed.
        ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::TooBig | ErrorCode::ParameterOutOfRange => {
            StoreError::wrong_statement(sql, "was refused")
        }
        _ => may_pass(),
    }
    .with_source(error)
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Bool(value) => ToSqlOutput::Owned(Value::Integer(i64::from(*value))),
            Self::Int(value) => ToSqlOutput::Owned(Value::Integer(*value)),
            Self::Float(value) => ToSqlOutput::Owned(Value::Real(*value)),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        })
    }
}
