//! Transactions, and the statements in them.

use std::{
    borrow::Cow,
    future::poll_fn,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use deadpool_postgres::Object;
use jiff::Timestamp;
use tokio_postgres::{Row, types::ToSql};

use super::{
    inner::{self, Inner},
    limit,
    row::At,
};
use crate::{action::BoxFuture, id::InstanceId, store::StoreError};

/// A parameter of a statement.
pub(super) type Param<'a> = &'a (dyn ToSql + Sync);

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [Param<'a>];

/// A transaction on a connection of its own. One that is dropped before its end takes the connection with it, so that
/// nobody finds himself in a transaction of somebody else.
pub(super) struct Tx<'s> {
    connection: Option<Object>,
    store: &'s Inner,
    now: Timestamp,
    news: Mutex<News>,
    /// Whether an answer did not come, so that nothing more is asked.
    is_silent: AtomicBool,
    /// Whether statements of others ran in it, which may have changed settings of the session.
    is_shared: AtomicBool,
}

/// What may outlive a transaction in which others' statements ran: settings, roles, and locks that are not the transaction's.
const CLEAN: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SELECT pg_advisory_unlock_all()";

/// How a transaction waits for what others have locked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    /// For as long as a statement may take.
    Usual,
    /// Not for long, as many steps wait with it; then each of them is tried by itself.
    Group,
    /// Hardly at all: it is a committer's, for which all others wait.
    Brief,
    /// As the usual one, on a connection that nobody else needs.
    Patient,
}

/// Whom to tell once the transaction is committed.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) is_due_changed: bool,
    pub(super) ended: Vec<InstanceId>,
}

impl<'s> Tx<'s> {
    /// Begins, and reads the time that holds for all of the transaction: the store's clock, or else the database's.
    pub(super) async fn begin(store: &'s Inner, manner: Manner) -> Result<Self, StoreError> {
        let (pool, begin) = match manner {
            Manner::Usual => (&store.pool, "BEGIN"),
            // One message, and so one round trip.
            Manner::Group => (&store.pool, "BEGIN; SET LOCAL lock_timeout = '1s'"),
            Manner::Brief => (&store.pool, "BEGIN; SET LOCAL lock_timeout = '100ms'"),
            Manner::Patient => (&store.patient, "BEGIN"),
        };
        let connection = pool.get().await?;
        let mut tx = Self {
            connection: Some(connection),
            store,
            now: Timestamp::UNIX_EPOCH,
            news: Mutex::default(),
            is_silent: AtomicBool::new(false),
            is_shared: AtomicBool::new(false),
        };
        let clock = store.now();
        let time: [Param<'_>; 1] = [&clock];
        let (began, now) =
            tokio::join!(tx.batch(begin), tx.row("SELECT coalesce($1::timestamptz, statement_timestamp())", &time));
        began?;
        tx.now = now?.try_get::<_, At>(0)?.0;
        Ok(tx)
    }

    /// Commits, and tells those who wait.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        self.batch("COMMIT").await?;
        self.store.tell(std::mem::take(&mut *self.news()));
        self.hand_back().await;
        Ok(())
    }

    /// Undoes everything, and keeps the connection where it still answers.
    pub(super) async fn roll_back(mut self) -> Result<(), StoreError> {
        if self.is_silent.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.batch("ROLLBACK").await?;
        self.hand_back().await;
        Ok(())
    }

    /// Gives the connection back as it was opened. One that cannot be cleaned is closed: the transaction has ended all the same.
    async fn hand_back(&mut self) {
        let is_clean = !self.is_shared.load(Ordering::Relaxed) || self.batch(CLEAN).await.is_ok();
        if is_clean {
            self.connection = None;
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Tells pollers that a task was scheduled.
    pub(super) fn due_changed(&self) {
        self.news().is_due_changed = true;
    }

    /// Tells waiters that an instance has ended.
    pub(super) fn ended(&self, instance: InstanceId) {
        self.news().ended.push(instance);
    }

    /// Runs a statement and answers how many rows it changed.
    pub(super) async fn execute(&self, sql: &'static str, params: Params<'_>) -> Result<u64, StoreError> {
        Ok(self.within(inner::execute(self.connection()?, &self.store.sql(sql), params)).await??)
    }

    pub(super) async fn rows(&self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, StoreError> {
        Ok(self.within(inner::query(self.connection()?, &self.store.sql(sql), params)).await??)
    }

    pub(super) async fn row(&self, sql: &'static str, params: Params<'_>) -> Result<Row, StoreError> {
        let connection = self.connection()?;
        let answer = async {
            let statement = connection.prepare_cached(&self.store.sql(sql)).await?;
            connection.query_one(&statement, params).await
        };
        Ok(self.within(answer).await??)
    }

    pub(super) async fn row_opt(&self, sql: &'static str, params: Params<'_>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Runs statements without parameters.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.within(self.connection()?.batch_execute(sql)).await??)
    }

    /// Waits for an answer of the connection, but not for ever.
    pub(super) async fn within<T>(&self, answer: impl Future<Output = T>) -> Result<T, StoreError> {
        let answer = limit::within(self.store.limit, answer).await;
        if answer.is_err() {
            self.is_silent.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// Takes note that statements run in it that are not fantasm's own.
    pub(super) fn share(&self) {
        self.is_shared.store(true, Ordering::Relaxed);
    }

    /// The connection itself, for statements that are not fantasm's own: their answers are waited for [`within`](Self::within).
    pub(super) fn connection(&self) -> Result<&Object, StoreError> {
        self.connection.as_ref().ok_or_else(StoreError::lease_lost)
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Closing it is what makes the server roll back.
            drop(Object::take(connection));
        }
    }
}

/// The statement in the schema that the store has.
pub(super) fn in_schema<'a>(sql: &'a str, schema: &str) -> Cow<'a, str> {
    if schema == DEFAULT_SCHEMA {
        return Cow::Borrowed(sql);
    }
    Cow::Owned(sql.replace("fantasm.", &format!("{}.", quoted(schema))))
}

/// The schema that statements are written for.
pub(super) const DEFAULT_SCHEMA: &str = "fantasm";

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Waits for all of them. They are begun in their order, and so are their statements, which the server takes one after
/// the other without a round trip between them.
pub(super) async fn all<T>(mut futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut answers: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|cx| {
        for (future, answer) in futures.iter_mut().zip(&mut answers).filter(|(_, answer)| answer.is_none()) {
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                *answer = Some(value);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}
