//! A file.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fantasm::SqlValue;
use rusqlite::{
    Connection,
    types::{ToSqlOutput, Value},
};

use crate::{Error, Result, Row};

#[derive(Debug, Clone)]
pub(crate) struct Sqlite(Arc<Mutex<Connection>>);

impl Sqlite {
    pub(crate) fn open(path: &str) -> Result<Self> {
        let db = Connection::open(path)?;
        db.busy_timeout(Duration::from_secs(10))?;
        Ok(Self(Arc::new(Mutex::new(db))))
    }

    pub(crate) async fn run(&self, statements: &str) -> Result<()> {
        let statements = statements.to_owned();
        self.blocking(move |db| Ok(db.execute_batch(&statements)?)).await
    }

    pub(crate) async fn rows(&self, sql: &str, values: Vec<SqlValue>) -> Result<Vec<Row>> {
        let sql = sql.to_owned();
        self.blocking(move |db| {
            let mut statement = db.prepare_cached(&sql)?;
            let n_columns = statement.column_count();
            let values = values.into_iter().map(parameter).collect::<Result<Vec<_>>>()?;
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            let mut answer = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..n_columns).map(|column| Ok(value(row.get(column)?)));
                answer.push(Row(values.collect::<Result<_>>()?));
            }
            Ok(answer)
        })
        .await
    }

    /// Works on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&db.lock().unwrap_or_else(PoisonError::into_inner))).await?
    }
}

fn parameter(value: SqlValue) -> Result<ToSqlOutput<'static>> {
    Ok(ToSqlOutput::Owned(match value {
        SqlValue::Null => Value::Null,
        SqlValue::Bool(is_true) => Value::Integer(i64::from(is_true)),
        SqlValue::Int(number) => Value::Integer(number),
        SqlValue::Float(number) => Value::Real(number),
        SqlValue::Text(text) => Value::Text(text),
        SqlValue::Bytes(bytes) => Value::Blob(bytes),
        other => return Err(Error::Value(format!("{other:?} is no value of SQLite"))),
    }))
}

fn value(value: Value) -> SqlValue {
    match value {
        Value::Null => SqlValue::Null,
        Value::Integer(number) => SqlValue::Int(number),
        Value::Real(number) => SqlValue::Float(number),
        Value::Text(text) => SqlValue::Text(text),
        Value::Blob(bytes) => SqlValue::Bytes(bytes),
    }
}
