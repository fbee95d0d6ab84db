//! A server.

use std::sync::Arc;

use fantasm::SqlValue;
use tokio::task::JoinSet;
use tokio_postgres::{
    Client, NoTls,
    types::{ToSql, Type},
};

use crate::{Error, Result, Row};

#[derive(Debug, Clone)]
pub(crate) struct Postgres {
    client: Arc<Client>,
    /// What talks to the server for the client, until both are dropped.
    _connection: Arc<JoinSet<()>>,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let mut tasks = JoinSet::new();
        tasks.spawn(async {
            // Whoever waits for an answer is told the error.
            let _ = connection.await;
        });
        Ok(Self { client: Arc::new(client), _connection: Arc::new(tasks) })
    }

    pub(crate) async fn run(&self, statements: &str) -> Result<()> {
        Ok(self.client.batch_execute(statements).await?)
    }

    pub(crate) async fn rows(&self, sql: &str, values: Vec<SqlValue>) -> Result<Vec<Row>> {
        let values = values.into_iter().map(parameter).collect::<Result<Vec<_>>>()?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        self.client.query(sql, &values).await?.iter().map(row).collect()
    }
}

fn parameter(value: SqlValue) -> Result<Box<dyn ToSql + Sync + Send>> {
    Ok(match value {
        SqlValue::Null => Box::new(None::<String>),
        SqlValue::Bool(is_true) => Box::new(is_true),
        SqlValue::Int(number) => Box::new(number),
        SqlValue::Float(number) => Box::new(number),
        SqlValue::Text(text) => Box::new(text),
        SqlValue::Bytes(bytes) => Box::new(bytes),
        other => return Err(Error::Value(format!("{other:?} is no value of PostgreSQL"))),
    })
}

fn row(row: &tokio_postgres::Row) -> Result<Row> {
    let value = |(at, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.into(),
            Type::TEXT => row.try_get::<_, Option<String>>(at)?.into(),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.into(),
            ref other => return Err(Error::Value(format!("column `{}` is of type {other}; cast it", column.name()))),
        })
    };
    Ok(Row(row.columns().iter().enumerate().map(value).collect::<Result<_>>()?))
}
