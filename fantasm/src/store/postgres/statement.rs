//! The user's own SQL, inside the transaction of its step.

use std::{error::Error as StdError, fmt::Write as _};

use tokio_postgres::types::{Format, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use super::{error::is_answer, tx::Tx};
use crate::{
    store::StoreError,
    transaction::{RETURNS_ROWS, SqlValue, Statement},
};

/// What the store asks of the planner for its own statements is not meant for those of others.
const USUAL_PLANS: &str = "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; \
                           SET LOCAL enable_mergejoin = on; SET LOCAL plan_cache_mode = auto";

/// How many statements a connection keeps prepared. The store has less than a hundred of its own; a text that is put together
/// anew each time would add another each time.
const MAX_PREPARED: usize = 500;

/// Runs the statements in their order; an error undoes the whole transaction, and so the step.
pub(super) async fn execute_all(tx: &Tx<'_>, statements: &[Statement]) -> Result<(), StoreError> {
    if !statements.is_empty() {
        tx.share();
        tx.batch(USUAL_PLANS).await?;
    }
    for statement in statements {
        execute(tx, statement).await?;
    }
    Ok(())
}

async fn execute(tx: &Tx<'_>, statement: &Statement) -> Result<(), StoreError> {
    let Statement { sql, parameters, n_rows } = statement;
    let connection = tx.connection()?;
    if connection.statement_cache.size() >= MAX_PREPARED {
        connection.statement_cache.clear();
    }
    let prepared = tx.within(connection.prepare_cached(sql)).await?.map_err(|error| refused(sql, error))?;
    if !prepared.columns().is_empty() {
        return Err(StoreError::wrong_statement(sql, RETURNS_ROWS));
    }
    let (asked, given) = (prepared.params().len(), parameters.len());
    if asked > given {
        return Err(StoreError::wrong_statement(sql, format_args!("has {asked} parameters, but {given} are bound")));
    }
    if asked < given {
        return Err(StoreError::wrong_statement(sql, format_args!("has no parameter `${}`", asked + 1)));
    }
    let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    let n_changed = tx.within(connection.execute(&prepared, &values)).await?.map_err(|error| refused(sql, error))?;
    match *n_rows {
        Some(n_rows) if n_changed != n_rows => {
            Err(StoreError::statement(sql, format_args!("changed {n_changed} rows where it had to change {n_rows}")))
        }
        _ => Ok(()),
    }
}

/// Whatever the server answers is about the statement, and so the step's: were it the store's, one step could stop all
/// others. Only an error that ends the connection is not. What depends on rows that others write may be otherwise when the
/// step is tried again.
fn refused(sql: &str, error: tokio_postgres::Error) -> StoreError {
    /// What is no SQL, names something that is not there, cannot be computed, or writes what a constraint forbids, by the first
    /// characters of [its code](https://www.postgresql.org/docs/current/errcodes-appendix.html).
    const WRONG: [&str; 6] = ["0A", "22", "23", "3F", "42", "54"];
    /// The row that a key refers to may still come.
    const FOREIGN_KEY: &str = "23503";
    const CANCELLED: &str = "57014";

    let code = error.code().map_or("", |code| code.code()).to_owned();
    let why = error.as_db_error().map(|error| error.message().to_owned()).unwrap_or_default();
    if code == CANCELLED {
        let why = format_args!("was interrupted ({why}); the store's `statement_timeout` says how long it may take");
        return StoreError::statement(sql, why).with_source(error);
    }
    if !is_answer(&error) {
        return error.into();
    }
    let why = format_args!("was refused: {why}");
    if code != FOREIGN_KEY && WRONG.iter().any(|class| code.starts_with(class)) {
        return StoreError::wrong_statement(sql, why).with_source(error);
    }
    StoreError::statement(sql, why).with_source(error)
}

/// As a text, which the server reads as whatever type the parameter has.
impl ToSql for SqlValue {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bool(value) => write!(out, "{value}")?,
            Self::Int(value) => write!(out, "{value}")?,
            Self::Float(value) => write!(out, "{value}")?,
            Self::Text(value) => out.extend_from_slice(value.as_bytes()),
            Self::Bytes(value) => {
                out.write_str("\\x")?;
                value.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}
