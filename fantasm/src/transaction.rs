//! The step's own transaction: SQL of the user's that takes effect with the step, exactly once.
//!
//! The statements are data that the step's commit carries, so no lock is held while user code runs. What a statement depends
//! on it has to ask for itself: `UPDATE … WHERE balance >= $1`, with [`Statement::affecting`] to insist that it found its row.

use crate::{Error, log::bounded};

/// SQL that an action wants to take effect together with its step: all of it, once, or nothing.
///
/// An action asks for it by an argument `tx: &mut Transaction`. The statements run when the step commits, in their order
/// and with no other step's between them, in the database that the store itself is kept in, so the tables they name have to
/// be there. Those of an attempt that failed, was halted or lost its lease do not run at all.
///
/// When a statement fails nothing of the step is kept: the attempt counts as failed, and is tried again as any other.
///
/// ```
/// use fantasm::Transaction;
///
/// fn pay(tx: &mut Transaction, account: i64, cents: i64) {
///     tx.execute("UPDATE account SET cents = cents - $2 WHERE id = $1 AND cents >= $2")
///         .bind(account)
///         .bind(cents)
///         .affecting(1);
///     tx.execute("INSERT INTO booking (account, cents) VALUES ($1, $2)").bind(account).bind(-cents);
/// }
/// # let mut tx = Transaction::default();
/// # pay(&mut tx, 1, 5);
/// # assert_eq!(tx.statements().len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transaction(Vec<Statement>);

/// One statement of a [`Transaction`]; its parameters are `$1`, `$2`, … in the order in which they are bound.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// The statement, of the database's own dialect.
    pub sql: String,
    /// The values of `$1`, `$2`, ….
    pub parameters: Vec<SqlValue>,
    /// How many rows it has to change, if that matters.
    pub n_rows: Option<u64>,
}

/// A value that is bound to a parameter of a [`Statement`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SqlValue {
    /// No value.
    Null,
    /// A truth value; SQLite has 0 and 1 for them.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Transaction {
    /// Adds a statement that changes rows: `INSERT`, `UPDATE`, `DELETE`, or a `WITH` around one of them; comments may stand
    /// before it.
    ///
    /// Statements that begin or end transactions, change the schema, return rows (`RETURNING`) or name fantasm's own tables are
    /// refused, and the attempt fails for good; so is a parameter that is no number.
    pub fn execute(&mut self, sql: impl Into<String>) -> &mut Statement {
        self.0.push(Statement { sql: sql.into(), parameters: Vec::new(), n_rows: None });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// The statements so far, in order, for tests that call an action directly.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.0
    }

    /// Hands the statements over, if all of them only change rows, and none of fantasm's own in the store's schema.
    pub(crate) fn into_statements(self, schema: Option<&str>) -> Result<Vec<Statement>, Error> {
        match self.0.iter().find_map(|statement| statement.refusal(schema)) {
            Some(refusal) => Err(Error::permanent(refusal)),
            None => Ok(self.0),
        }
    }
}

impl Statement {
    /// Gives the next parameter its value.
    pub fn bind(&mut self, value: impl Into<SqlValue>) -> &mut Self {
        self.parameters.push(value.into());
        self
    }

    /// Insists that the statement changes so many rows; otherwise the step fails, and nothing of it is kept.
    pub fn affecting(&mut self, n_rows: u64) -> &mut Self {
        self.n_rows = Some(n_rows);
        self
    }

    /// Why a step does not run it, if it does not.
    fn refusal(&self, schema: Option<&str>) -> Option<Refusal> {
        const VERBS: [&str; 6] = ["insert", "update", "delete", "replace", "merge", "with"];
        const OURS: [&str; 3] = ["fantasm_", "fantasm.", "\"fantasm\"."];
        let sql = || bounded(self.sql.clone());
        let word: String = after_comments(&self.sql).chars().take_while(char::is_ascii_alphabetic).collect();
        if !VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb)) {
            return Some(Refusal::NoChange(sql()));
        }
        let text = self.sql.to_ascii_lowercase();
        if OURS.iter().any(|ours| text.contains(ours)) || schema.is_some_and(|schema| names_table_in(schema, &text)) {
            return Some(Refusal::OurTables(sql()));
        }
        let is_nan = |value: &SqlValue| matches!(value, SqlValue::Float(float) if float.is_nan());
        self.parameters.iter().any(is_nan).then(|| Refusal::NotANumber(sql()))
    }
}

/// Why a statement with `RETURNING` is refused, by whichever database.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const RETURNS_ROWS: &str =
    "returns rows, which nobody could read: the action has ended when it runs; leave `RETURNING` out";

/// Whether SQL in lower case names one of fantasm's tables in that schema, where others may be too.
fn names_table_in(schema: &str, sql: &str) -> bool {
    const TABLES: [&str; 10] =
        ["instance", "task", "window", "work_package", "worker", "step", "log", "paused_queue", "machine", "schema"];
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let sql = sql.replace('"', "");
    let schema = schema.replace('"', "").to_lowercase();
    sql.match_indices(&schema).any(|(start, _)| {
        let (before, after) = (&sql[..start], &sql[start + schema.len()..]);
        let Some(table) = after.trim_start().strip_prefix('.') else { return false };
        let table = table.trim_start();
        let table = &table[..table.find(|c| !is_of_name(c)).unwrap_or(table.len())];
        !before.ends_with(is_of_name) && TABLES.contains(&table)
    })
}

/// What comes after the comments and the white space that SQL begins with.
fn after_comments(sql: &str) -> &str {
    let sql = sql.trim_start();
    let rest = match (sql.strip_prefix("--"), sql.strip_prefix("/*")) {
        (Some(line), _) => line.split_once('\n').map(|(_, rest)| rest),
        // PostgreSQL nests comments and SQLite does not: where one ends that has another in it, nobody can say.
        (_, Some(block)) => block.split_once("*/").filter(|(comment, _)| !comment.contains("/*")).map(|(_, rest)| rest),
        (None, None) => return sql,
    };
    rest.map_or("", after_comments)
}

/// Why a step does not run a statement.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(
        "a step's SQL changes rows: it begins with INSERT, UPDATE, DELETE, REPLACE, MERGE or WITH, not as in `{0}`"
    )]
    NoChange(String),
    #[error(
        "a step's SQL leaves the tables of fantasm alone, and does not name them as in `{0}`; bind what is no name"
    )]
    OurTables(String),
    #[error("a number that is none is bound to a step's SQL `{0}`, which a database would take for NULL")]
    NotANumber(String),
}

macro_rules! value_from {
    ($($from:ty => $make:expr),+ $(,)?) => {$(
        impl From<$from> for SqlValue {
            fn from(value: $from) -> Self {
                $make(value)
            }
        }
    )+};
}
value_from! {
    bool => Self::Bool,
    i64 => Self::Int,
    i32 => |value| Self::Int(i64::from(value)),
    u32 => |value| Self::Int(i64::from(value)),
    f64 => Self::Float,
    String => Self::Text,
    &str => |value: &str| Self::Text(value.to_owned()),
    &String => |value: &String| Self::Text(value.clone()),
    Vec<u8> => Self::Bytes,
    &[u8] => |value: &[u8]| Self::Bytes(value.to_vec()),
    crate::TaskKey => |key: crate::TaskKey| Self::Text(key.to_string()),
    crate::InstanceId => |id: crate::InstanceId| Self::Int(id.0),
}

impl<T: Into<Self>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_fantasm_are_left_alone_in_whatever_schema() {
        let is_taken = |sql: &str, schema| {
            let mut tx = Transaction::default();
            tx.execute(sql);
            tx.into_statements(Some(schema)).is_ok()
        };
        for sql in [
            "DELETE FROM jobs.task",
            "DELETE FROM Jobs . \"task\" WHERE true",
            "UPDATE \"jobs\".\"instance\" SET key = ''",
        ] {
            assert!(!is_taken(sql, "jobs"), "{sql}");
        }
        for sql in
            ["DELETE FROM my_jobs.task", "DELETE FROM jobs.tasks", "DELETE FROM task", "DELETE FROM jobs.invoice"]
        {
            assert!(is_taken(sql, "jobs"), "{sql}");
        }
        assert!(!is_taken("DELETE FROM \"The Jobs\".log", "The Jobs"));
    }

    #[test]
    fn only_statements_that_change_rows_are_taken() {
        for sql in [
            "insert INTO t VALUES (1)",
            "\n WITH a AS (SELECT 1) DELETE FROM t",
            "Update t SET x = 1",
            "-- a\n /* b\n*/ -- c\nDELETE FROM t",
        ] {
            let mut tx = Transaction::default();
            tx.execute(sql);
            assert_eq!(tx.into_statements(None).unwrap().len(), 1, "{sql}");
        }
        let ours = ["DELETE FROM fantasm_task", "WITH a AS (SELECT 1) UPDATE \"Fantasm\".task SET x = 1"];
        for sql in [
            "COMMIT",
            "SELECT 1",
            "PRAGMA x",
            "",
            "insertion",
            "SAVEPOINT x",
            "-- INSERT",
            "/* INSERT",
            "/**/ COMMIT",
            "/* /* */ INSERT */ COMMIT",
        ]
        .into_iter()
        .chain(ours)
        {
            let mut tx = Transaction::default();
            tx.execute("DELETE FROM t");
            tx.execute(sql);
            let error = tx.into_statements(None).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Permanent, "{sql}");
            assert!(error.to_string().contains(&format!("`{sql}`")), "{error}");
        }
        let mut tx = Transaction::default();
        tx.execute("INSERT INTO t VALUES ($1)").bind(f64::NAN);
        assert!(tx.into_statements(None).unwrap_err().to_string().contains("is none"));
    }
}
