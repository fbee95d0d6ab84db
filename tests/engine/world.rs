//! A store and its clock, and a worker on them.

use std::sync::Arc;

use fantasm::testing::{ManualClock, StepWorker};
use fantasm_tests::{Backend, Crash, FaultyStore, Journal};

use crate::machines;

/// What a test runs in.
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) fn memory() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self { backend: Backend::memory(clock.clone()), clock }
    }

    pub(crate) async fn sqlite() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self { backend: Backend::sqlite(clock.clone()).await.unwrap(), clock }
    }

    pub(crate) fn worker(&self) -> StepWorker {
        let store = FaultyStore::new(self.backend.store(), Crash::Never, Journal::default());
        StepWorker::new(store, self.clock.clone()).machines(machines::all())
    }
}

/// Makes a test of each named `async fn(World)` for each store.
macro_rules! on_every_store {
    ($($case:ident)+) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                super::$case(crate::world::World::memory()).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case(crate::world::World::sqlite().await).await;
            })+
        }
    };
}
pub(crate) use on_every_store;
