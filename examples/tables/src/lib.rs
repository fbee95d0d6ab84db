//! The tables that a program keeps of its own, in the database in which its store is: a SQLite file or a PostgreSQL server.
//!
//! It is no more than the examples need: one connection, statements that both databases understand, and values as
//! [`SqlValue`] has them.

mod error;
mod postgres;
mod sqlite;

use fantasm::SqlValue;

pub use self::error::{Error, Result};
use self::{postgres::Postgres, sqlite::Sqlite};

/// A database; clones share one connection.
#[derive(Debug, Clone)]
pub struct Tables(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// A row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(Vec<SqlValue>);

impl Tables {
    /// Connects to the database of that place, as [`fantasm::store::open`] does.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open(place: &str) -> Result<Self> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| place.starts_with(scheme));
        let open = async {
            Ok(if is_url { Kind::Postgres(Postgres::open(place).await?) } else { Kind::Sqlite(Sqlite::open(place)?) })
        };
        let opened: Result<_> = open.await;
        // The place of a server may have a password in it.
        let place = if is_url { "the database" } else { place };
        Ok(Self(opened.map_err(|error| Error::Open(place.to_owned(), Box::new(error)))?))
    }

    /// Runs statements without parameters.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn run(&self, statements: &str) -> Result<()> {
        match &self.0 {
            Kind::Sqlite(sqlite) => sqlite.run(statements).await,
            Kind::Postgres(postgres) => postgres.run(statements).await,
        }
    }

    /// Runs a statement with the values of `$1`, `$2`, …, which it names in this order, and answers its rows.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rows(&self, sql: &str, values: Vec<SqlValue>) -> Result<Vec<Row>> {
        match &self.0 {
            Kind::Sqlite(sqlite) => sqlite.rows(sql, values).await,
            Kind::Postgres(postgres) => postgres.rows(sql, values).await,
        }
    }
}

impl Row {
    /// The whole number in a column.
    ///
    /// # Errors
    /// When there is something else.
    pub fn int(&self, column: usize) -> Result<i64> {
        match self.0.get(column) {
            Some(SqlValue::Int(number)) => Ok(*number),
            other => Err(Error::Value(format!("column {column} is no number but {other:?}"))),
        }
    }

    /// The text in a column.
    ///
    /// # Errors
    /// When there is something else.
    pub fn text(&self, column: usize) -> Result<String> {
        match self.0.get(column) {
            Some(SqlValue::Text(text)) => Ok(text.clone()),
            other => Err(Error::Value(format!("column {column} is no text but {other:?}"))),
        }
    }
}
