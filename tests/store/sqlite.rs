//! One SQLite file.

use std::sync::Arc;

use fantasm::{
    store::{SqliteStore, conformance::World},
    testing::ManualClock,
};
use tempfile::TempDir;

async fn sqlite() -> World {
    let folder = TempDir::new().unwrap();
    let clock = Arc::new(ManualClock::new());
    let store = SqliteStore::open_with_clock(folder.path().join("store.db"), clock.clone()).await.unwrap();
    World::new(store, clock).keeping(folder)
}

fantasm::store_conformance!(sqlite);
