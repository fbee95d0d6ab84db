//! A store and its clock, and a worker on them.

use std::sync::Arc;

use fantasm::{
    Registration,
    testing::{ManualClock, StepWorker},
};

use crate::Backend;

/// What a test runs in.
#[derive(Debug)]
pub struct World {
    /// The store.
    pub backend: Backend,
    /// The store's clock, and that of all workers.
    pub clock: Arc<ManualClock>,
}

impl World {
    /// An empty one in memory.
    #[must_use]
    pub fn memory() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self { backend: Backend::memory(clock.clone()), clock }
    }

    /// An empty one on SQLite.
    ///
    /// # Panics
    /// When the store's file cannot be made.
    pub async fn sqlite() -> Self {
        let clock = Arc::new(ManualClock::new());
        let backend = Backend::sqlite(clock.clone()).await.expect("the store's file can be made");
        Self { backend, clock }
    }

    /// An empty one on PostgreSQL.
    ///
    /// # Panics
    /// When PostgreSQL is not installed.
    pub async fn postgres() -> Self {
        let clock = Arc::new(ManualClock::new());
        let backend = Backend::postgres(clock.clone()).await.expect("the store's schema can be made");
        Self { backend, clock }
    }

    /// A worker that runs these machines.
    #[must_use]
    pub fn worker(&self, machines: &'static [Registration]) -> StepWorker {
        StepWorker::new(self.backend.store(), self.clock.clone()).machines(machines)
    }
}

/// Makes a test of each named `async fn(World)` for each store.
#[macro_export]
macro_rules! on_every_store {
    ($($case:ident)+) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::World::memory()).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::World::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::World::postgres().await).await;
            })+
        }
    };
}
