//! What a world runs on: a store, its clock, and the table that the SQL of its steps writes into.

use std::sync::Arc;

use fantasm::{
    WorkerId,
    store::{Claim, Claiming, Store, StoreFuture},
    testing::ManualClock,
};
use fantasm_tests::{Backend, Elsewhere, Layer, Layered};
use jiff::Timestamp;

use super::effects::Effects;

#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<ManualClock>,
    /// Tells worlds apart that share a table.
    pub(crate) name: String,
    effects: Effects,
    store: Arc<dyn Store>,
}

impl Ground {
    pub(crate) fn memory() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self::on(Backend::memory(clock.clone()), clock)
    }

    pub(crate) async fn sqlite() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self::on(Backend::sqlite(clock.clone()).await.unwrap(), clock)
    }

    /// A schema of the tests' server, behind a store that can be called on paused time.
    pub(crate) fn postgres() -> Self {
        let clock = Arc::new(ManualClock::new());
        let backend = Elsewhere::runtime().block_on(Backend::postgres(clock.clone())).unwrap();
        let ground = Self::on(backend, clock);
        let store = Arc::new(Layered(Elsewhere::new(&ground.backend)));
        Self { store: Arc::new(Layered(RescueFirst(store))), ..ground }
    }

    /// The same, where claims are as they are: what is due at one and the same time may come in another order than in memory.
    pub(crate) fn unsorted(self) -> Self {
        Self { store: Arc::new(Layered(Elsewhere::new(&self.backend))), ..self }
    }

    /// The same schema for another world.
    pub(crate) fn cleared(self) -> Self {
        self.backend.clear();
        self.clock.set(Timestamp::UNIX_EPOCH);
        Self { name: WorkerId::random().to_string(), ..self }
    }

    fn on(backend: Backend, clock: Arc<ManualClock>) -> Self {
        let (effects, store) = Effects::of(&backend);
        Self { backend, clock, name: WorkerId::random().to_string(), effects, store }
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// The numbers that the SQL of its steps has written, in their order.
    pub(crate) fn effects(&self) -> Vec<i64> {
        self.effects.numbers(&self.backend, &self.name)
    }
}

/// Has what silent workers had taken back before each claim. Of tasks that are due at one and the same time PostgreSQL's gives
/// those first that nobody had to be taken from; which of them comes first is promised to nobody, but another world follows.
#[derive(Debug)]
struct RescueFirst(Arc<dyn Store>);

impl Layer for RescueFirst {
    fn below(&self) -> &dyn Store {
        &*self.0
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        Box::pin(async move {
            let nothing = Claiming::new(claiming.worker, claiming.limit);
            self.0.claim(nothing).await?;
            self.0.claim(claiming).await
        })
    }
}
