//! Starts in a transaction that the caller has begun, on PostgreSQL.

use tokio_postgres::GenericClient;

use crate::{
    client::{Client, IntoStart, Run, StartError},
    store::{self, StoreError, StoreErrorKind},
};

impl Client {
    /// Starts an instance, for a context or a [`Start`](crate::Start), in a transaction of yours: when that commits it starts,
    /// once, and when it is rolled back there was no start. The transaction is one of the database that the client's store is kept in, by whatever connection.
    ///
    /// The run is worth nothing before the commit: nobody but the transaction sees its instance. Other languages have the same
    /// in the SQL function `fantasm.start`: see [the guide](crate::guide::production#starts-in-transactions-of-your-own).
    ///
    /// ```no_run
    /// # use fantasm::{Client, Machine};
    /// # async fn example<Order: Machine>(client: Client, order: Order, db: &mut tokio_postgres::Client) -> fantasm::Result<()> {
    /// let tx = db.transaction().await?;
    /// tx.execute("INSERT INTO purchase (id) VALUES (7)", &[]).await?;
    /// let run = client.start_in(&tx, client.start(order).key("purchase 7")).await?;
    /// tx.commit().await?;
    /// run.finished().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`StartError::Store`] of kind [`StoreErrorKind::Unusable`] when the client's store is not kept in PostgreSQL or the
    /// machine begins with a fan-in; otherwise those of a start. After one of the database's the transaction can only be rolled
    /// back, as PostgreSQL has it.
    ///
    /// # Cancel safety
    /// Whether a dropped future has started the instance the transaction knows; whoever rolls back is sure.
    pub async fn start_in(&self, tx: &(impl GenericClient + Sync), start: impl IntoStart) -> Result<Run, StartError> {
        let prepared = start.into_start(self).prepare()?.under_its_name().await?;
        let schema = self.store().schema().ok_or_else(|| {
            let why = "the client's store is not kept in PostgreSQL, and so takes no part in its transactions";
            StoreError::new(StoreErrorKind::Unusable, why)
        })?;
        let started = store::start_within(tx, schema, &prepared.new).await?;
        prepared.answer(started)
    }
}
