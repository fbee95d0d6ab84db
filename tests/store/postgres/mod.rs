//! A schema of a PostgreSQL database.

use std::sync::Arc;

use fantasm::{
    WorkerId,
    store::{PostgresStore, conformance::World},
    testing::ManualClock,
};
use fantasm_tests::Cluster;

async fn postgres() -> World {
    let clock = Arc::new(ManualClock::new());
    let schema = WorkerId::random().to_string();
    // The user's statements find their tables by the search path.
    let url = format!("{}?options=-csearch_path%3D\"{schema}\"", Cluster::shared().url());
    let store = PostgresStore::builder(&url).schema(schema).connections(4).clock(clock.clone());
    World::new(store.connect().await.unwrap(), clock)
}

fantasm::store_conformance!(postgres);
