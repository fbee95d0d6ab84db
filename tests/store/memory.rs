//! The reference store.

use std::sync::Arc;

use fantasm::{
    store::{MemoryStore, conformance::World},
    testing::ManualClock,
};

async fn memory() -> World {
    let clock = Arc::new(ManualClock::new());
    World::new(MemoryStore::with_clock(clock.clone()), clock)
}

fantasm::store_conformance!(memory);
