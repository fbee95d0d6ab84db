//! What the clones of a store share: connections, clock, and whom to tell.

use std::{borrow::Cow, sync::Arc, time::Duration};

use deadpool_postgres::{Object, Pool};
use tokio::sync::mpsc;
use tokio_postgres::{Error, Row};

use super::{
    limit,
    row::At,
    tx::{self, Manner, News, Params, Tx},
    write::{Write, Written},
};
use crate::{
    clock::Clock,
    store::{Notifier, StoreError},
};

/// How often a transaction is repeated that the database gave up because others were at the same rows.
const MAX_CONFLICTS: usize = 10;

pub(super) struct Inner {
    pub(super) pool: Pool,
    /// A connection that no step can take: a heartbeat that waits for one is a lease that ends.
    pub(super) heartbeats: Pool,
    /// Connections for what waits for others, so that nothing else has to.
    pub(super) patient: Pool,
    /// How long the server may be silent.
    pub(super) limit: Duration,
    pub(super) schema: String,
    /// `None` is the database's own.
    pub(super) clock: Option<Arc<dyn Clock>>,
    pub(super) notifier: Notifier,
    /// What other processes are told.
    pub(super) announce: mpsc::UnboundedSender<News>,
}

impl Inner {
    pub(super) fn now(&self) -> Option<At> {
        self.clock.as_ref().map(|clock| At(clock.now()))
    }

    pub(super) fn sql<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        tx::in_schema(sql, &self.schema)
    }

    pub(super) async fn connection(&self) -> Result<Object, StoreError> {
        Ok(self.pool.get().await?)
    }

    /// Reads by one statement, which is a transaction by itself.
    pub(super) async fn read(&self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection().await?;
        let answer = limit::within(self.limit, query(&connection, &self.sql(sql), params)).await;
        Ok(answered(connection, answer)??)
    }

    /// Writes by one statement, which is a transaction by itself, and answers how many rows it changed.
    pub(super) async fn write(&self, sql: &'static str, params: Params<'_>) -> Result<u64, StoreError> {
        self.write_on(&self.pool, self.limit, sql, params).await
    }

    /// The same on the connection of the heartbeats, for a lease of this time.
    pub(super) async fn write_alone(
        &self,
        lease: Duration,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<u64, StoreError> {
        self.write_on(&self.heartbeats, self.limit.min(limit::of_heartbeat(lease)), sql, params).await
    }

    async fn write_on(
        &self,
        pool: &Pool,
        limit: Duration,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<u64, StoreError> {
        let connection = limit::within(limit, pool.get()).await??;
        let answer = limit::within(limit, execute(&connection, &self.sql(sql), params)).await;
        Ok(answered(connection, answer)??)
    }

    /// Writes by a transaction, and again when the database gave it up for the sake of others.
    pub(super) async fn transaction(&self, write: &Write) -> Result<Written, StoreError> {
        self.transaction_in(Manner::Usual, write).await
    }

    /// The same, with a way to wait for others.
    pub(super) async fn transaction_in(&self, manner: Manner, write: &Write) -> Result<Written, StoreError> {
        let mut n_conflicts = 0;
        loop {
            let tx = Tx::begin(self, manner).await?;
            let error = match write.run_alone(&tx).await {
                Ok(answer) => match tx.commit().await {
                    Ok(()) => return Ok(answer),
                    Err(error) if write.has_statements() => error.at_commit_of_statements(),
                    Err(error) => error,
                },
                Err(error) => {
                    // An error of the rollback says no more than that the connection is gone, and the transaction with it.
                    let _ = tx.roll_back().await;
                    error
                }
            };
            n_conflicts += 1;
            if !error.is_conflict() || n_conflicts > MAX_CONFLICTS {
                return Err(error);
            }
        }
    }

    pub(super) fn tell_due(&self) {
        self.tell(News { is_due_changed: true, ended: Vec::new() });
    }

    /// Tells those who wait here, and has those told who wait elsewhere.
    pub(super) fn tell(&self, news: News) {
        if news.is_due_changed {
            self.notifier.notify_due();
        }
        news.ended.iter().for_each(|instance| self.notifier.notify_ended(*instance));
        if news.is_due_changed || !news.ended.is_empty() {
            // When the announcer is gone the store is being closed; others poll anyway.
            let _ = self.announce.send(news);
        }
    }
}

/// Asks by a statement that the connection keeps prepared.
pub(super) async fn query(connection: &Object, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Error> {
    let statement = connection.prepare_cached(sql).await?;
    connection.query(&statement, params).await
}

/// Writes by one, and answers how many rows it changed.
pub(super) async fn execute(connection: &Object, sql: &str, params: Params<'_>) -> Result<u64, Error> {
    let statement = connection.prepare_cached(sql).await?;
    connection.execute(&statement, params).await
}

/// Gives a connection back that has answered, and throws one away that has not.
pub(super) fn answered<T>(connection: Object, answer: Result<T, StoreError>) -> Result<T, StoreError> {
    if answer.is_err() {
        drop(Object::take(connection));
    }
    answer
}
