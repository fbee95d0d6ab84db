//! Starts instances and looks at them; needs no actions, so that any process with the store can be one.

mod error;
mod run;
mod start;

use std::{marker::PhantomData, sync::Arc};

use tokio::sync::watch;

use self::start::Prepared;
pub use self::{
    error::{RetryError, RunError, StartError},
    run::Run,
    start::{IntoStart, Start},
};
use crate::{
    codec, engine,
    id::InstanceId,
    machine::Machine,
    renamed::earlier_name,
    store::{Store, StoreError},
};

/// Starts instances and looks at them.
///
/// ```
/// # use fantasm::{Client, store::MemoryStore};
/// let client = Client::new(MemoryStore::new());
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    store: Arc<dyn Store>,
    /// Tells when the worker that this client belongs to has given up.
    stopped: Option<watch::Receiver<Option<StoreError>>>,
}

impl Client {
    /// A client of a store.
    pub fn new(store: impl Store) -> Self {
        Self::of_store(Arc::new(store))
    }

    pub(crate) fn of_store(store: Arc<dyn Store>) -> Self {
        Self { store, stopped: None }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub(crate) fn of_worker(store: Arc<dyn Store>, stopped: watch::Receiver<Option<StoreError>>) -> Self {
        Self { store, stopped: Some(stopped) }
    }

    /// Starts an instance of machine `M` with that context, once the returned value is awaited.
    ///
    /// What is no context of a machine does not compile:
    ///
    /// ```compile_fail,E0277
    /// # async fn example(client: fantasm::Client) {
    /// client.start("EmailBatch").await;
    /// # }
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "a context is given away")]
    pub fn start<M: Machine>(&self, context: M) -> Start<'_, M> {
        let context = codec::encode_start("context", &context);
        let start = context.map(|context| engine::Start::new(M::DESCRIPTOR, context));
        Start { client: self, start, is_new_only: false, machine: PhantomData }
    }

    /// Starts an instance for each context or [`Start`] in one transaction, and answers their runs in the same order.
    ///
    /// ```
    /// # async fn example<M: fantasm::Machine>(client: fantasm::Client, orders: Vec<(String, M)>) -> fantasm::Result<()> {
    /// let starts = orders.into_iter().map(|(number, order)| client.start(order).key(number).header("tenant", "blue"));
    /// let runs = client.start_all(starts).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As for one, and then none has been started; but with [`StartError::Exists`], of a start that insists on being
    /// [new](Start::new_only), all others have been started all the same.
    pub async fn start_all<S: IntoStart>(&self, starts: impl IntoIterator<Item = S>) -> Result<Vec<Run>, StartError> {
        let mut prepared: Vec<Prepared<'_>> = Vec::new();
        for start in starts {
            prepared.push(start.into_start(self).prepare()?.under_its_name().await?);
        }
        let started = self.store.start(prepared.iter().map(|prepared| prepared.new.clone()).collect()).await?;
        if started.len() != prepared.len() {
            return Err(StoreError::no_answer().into());
        }
        prepared.into_iter().zip(started).map(|(prepared, started)| prepared.answer(started)).collect()
    }

    /// Looks an instance up by the key that it was started with.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find<M: Machine>(&self, key: &str) -> Result<Option<Run>, StoreError> {
        let machine = M::DESCRIPTOR;
        if let Some((_, id)) = earlier_name(&*self.store, machine, key).await? {
            return Ok(Some(self.run(id)));
        }
        let id = self.store.find(machine.name.to_owned(), key.to_owned()).await?;
        Ok(id.map(|id| self.run(id)))
    }

    /// Claims nothing more from a queue until it is resumed; what runs goes on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pause(&self, queue: impl Into<String>) -> Result<(), StoreError> {
        self.store.set_paused(queue.into(), true).await
    }

    /// Claims from a queue again.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(&self, queue: impl Into<String>) -> Result<(), StoreError> {
        self.store.set_paused(queue.into(), false).await
    }

    /// The queues that are paused, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn paused(&self) -> Result<Vec<String>, StoreError> {
        self.store.paused().await
    }

    /// The run of a known instance.
    #[must_use]
    pub fn run(&self, id: InstanceId) -> Run {
        Run { client: self.clone(), id }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{codec::ContextError, machine::MachineDescriptor, store::MemoryStore};

    #[derive(Clone, Serialize, Deserialize)]
    struct Stateless;

    impl Machine for Stateless {
        const DESCRIPTOR: &'static MachineDescriptor = &MachineDescriptor::new("Stateless", &[]);
    }

    #[tokio::test]
    async fn a_machine_that_cannot_start_is_refused() {
        let refused = Client::new(MemoryStore::new()).start(Stateless).await;
        assert!(matches!(refused, Err(StartError::Context(ContextError::Machine("Stateless")))));
    }
}
