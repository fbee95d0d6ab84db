//! Pages of an SQL query, whatever driver sends it.

use std::fmt::Write;

use super::{at_least_one, rows};
use crate::page::Page;

/// A query whose rows come in pages; it makes the SQL and the tokens, and you send the SQL with the driver that you have.
///
/// [By key](Query::by_key) is the way for tables that change and for large ones: the token is the key of a page's last row,
/// and a database with an index on the key finds the next page at once. [By offset](Query::by_offset) is for results that
/// have no key and stay as they are.
///
/// ```
/// use fantasm::pages::Query;
///
/// let query = Query::sqlite("SELECT id, address FROM subscriber WHERE list = ?1").parameters(1).by_key("id", 100);
/// assert_eq!(
///     query.sql(true),
///     "SELECT * FROM (SELECT id, address FROM subscriber WHERE list = ?1) AS page \
///      WHERE page.\"id\" > ?2 ORDER BY page.\"id\" LIMIT 101"
/// );
/// ```
#[derive(Debug, Clone)]
#[must_use = "a query is made to be paged through"]
pub struct Query {
    select: String,
    n_parameters: usize,
    mark: char,
}

impl Query {
    /// A query of SQLite, whose parameters are `?1`, `?2` and so on.
    pub fn sqlite(select: impl Into<String>) -> Self {
        Self { select: select.into(), n_parameters: 0, mark: '?' }
    }

    /// A query of PostgreSQL, whose parameters are `$1`, `$2` and so on.
    pub fn postgres(select: impl Into<String>) -> Self {
        Self { select: select.into(), n_parameters: 0, mark: '$' }
    }

    /// Says how many parameters of its own the query has (none unless said otherwise): the key comes after them.
    pub fn parameters(self, n: usize) -> Self {
        Self { n_parameters: n, ..self }
    }

    /// Pages of `size` rows in the order of this column of the result, which is unique, never null, and not to change.
    ///
    /// Rows that come or go meanwhile do no harm to the others: each that stays is in exactly one page.
    pub fn by_key(self, column: impl Into<String>, size: usize) -> QueryByKey {
        QueryByKey { query: self, column: column.into(), size: at_least_one(size) }
    }

    /// Pages of `size` rows in this order, which is what SQL takes after `ORDER BY` and leaves nothing open.
    ///
    /// The rows must be the same as long as they are paged through, and the database counts up to the page each time.
    pub fn by_offset(self, order_by: impl Into<String>, size: usize) -> QueryByOffset {
        QueryByOffset { query: self, order_by: order_by.into(), size: at_least_one(size) }
    }

    fn page(&self) -> String {
        format!("SELECT * FROM ({}) AS page", self.select)
    }
}

/// A [`Query`] whose pages follow a key.
#[derive(Debug, Clone)]
#[must_use = "a query is made to be paged through"]
pub struct QueryByKey {
    query: Query,
    column: String,
    size: usize,
}

impl QueryByKey {
    /// The SQL of the first page, or of one after a key, which is then the parameter after those of the query.
    ///
    /// It asks for one row more than a page has, to see whether more follow.
    #[must_use]
    pub fn sql(&self, is_after_key: bool) -> String {
        let Self { query, column, size } = self;
        let mut sql = query.page();
        let column = format!("page.\"{}\"", column.replace('"', "\"\""));
        // Writing to a text cannot fail.
        if is_after_key {
            let _ = write!(sql, " WHERE {column} > {}{}", query.mark, query.n_parameters + 1);
        }
        let _ = write!(sql, " ORDER BY {column} LIMIT {}", size.saturating_add(1));
        sql
    }

    /// The page that these rows are, of which `key` tells the column's value.
    pub fn page<T, K>(&self, found: Vec<T>, key: impl FnOnce(&T) -> K) -> Page<T, K> {
        rows(found, self.size, key)
    }

    /// The page after the token: hands `send` the SQL, and the key to bind as its last parameter.
    ///
    /// ```
    /// # use fantasm::{Page, pages::Query};
    /// # struct Db;
    /// # impl Db { async fn numbers(&self, _: &str, after: Option<i64>) -> std::io::Result<Vec<i64>> { Ok(vec![after.unwrap_or(7)]) } }
    /// # async fn example(db: &Db, token: Option<i64>) -> fantasm::Result<Page<i64, i64>> {
    /// let query = Query::postgres("SELECT number FROM invoice WHERE paid_at IS NULL").by_key("number", 50);
    /// let page = query.fetch(token, |sql, after| async move { db.numbers(&sql, after).await }, |number| *number).await?;
    /// # Ok(page) }
    /// ```
    ///
    /// # Errors
    /// Those of `send`.
    ///
    /// # Cancel safety
    /// That of `send`.
    pub async fn fetch<T, K, E, F>(
        &self,
        token: Option<K>,
        send: impl FnOnce(String, Option<K>) -> F,
        key: impl FnOnce(&T) -> K,
    ) -> Result<Page<T, K>, E>
    where
        F: Future<Output = Result<Vec<T>, E>>,
    {
        Ok(self.page(send(self.sql(token.is_some()), token).await?, key))
    }
}

/// A [`Query`] whose pages are counted.
#[derive(Debug, Clone)]
#[must_use = "a query is made to be paged through"]
pub struct QueryByOffset {
    query: Query,
    order_by: String,
    size: usize,
}

impl QueryByOffset {
    /// The SQL of the page that follows so many rows.
    ///
    /// It asks for one row more than a page has, to see whether more follow.
    #[must_use]
    pub fn sql(&self, offset: u64) -> String {
        let Self { query, order_by, size } = self;
        format!("{} ORDER BY {order_by} LIMIT {} OFFSET {offset}", query.page(), size.saturating_add(1))
    }

    /// The page that these rows are, which follow so many.
    pub fn page<T>(&self, found: Vec<T>, offset: u64) -> Page<T, u64> {
        let size = u64::try_from(self.size).unwrap_or(u64::MAX);
        rows(found, self.size, |_| offset.saturating_add(size))
    }

    /// The page of the token, which counts the rows before it: hands `send` the SQL.
    ///
    /// # Errors
    /// Those of `send`.
    ///
    /// # Cancel safety
    /// That of `send`.
    pub async fn fetch<T, E, F>(&self, token: Option<u64>, send: impl FnOnce(String) -> F) -> Result<Page<T, u64>, E>
    where
        F: Future<Output = Result<Vec<T>, E>>,
    {
        let offset = token.unwrap_or(0);
        Ok(self.page(send(self.sql(offset)).await?, offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sql_is_that_of_its_database() {
        let key = Query::postgres("SELECT * FROM a").by_key("n\"k", 2);
        let column = "page.\"n\"\"k\"";
        assert_eq!(key.sql(false), format!("SELECT * FROM (SELECT * FROM a) AS page ORDER BY {column} LIMIT 3"));
        let after = format!("SELECT * FROM (SELECT * FROM a) AS page WHERE {column} > $1 ORDER BY {column} LIMIT 3");
        assert_eq!(key.sql(true), after);
        let offset = Query::sqlite("SELECT a FROM b").by_offset("a DESC, rowid", 0);
        assert_eq!(offset.sql(7), "SELECT * FROM (SELECT a FROM b) AS page ORDER BY a DESC, rowid LIMIT 2 OFFSET 7");
    }
}
