//! A schema of a PostgreSQL database.

mod listening;
mod locks;
mod migrations;
mod plans;
mod purge;
mod refused;
mod silent;
mod statement;
mod tls;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use fantasm::{
    TaskKey, WorkerId,
    store::{Claiming, Hop, NewInstance, NewTask, PostgresStore, Store, Verdict, conformance::World},
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

fn instance(key: Option<&str>) -> NewInstance {
    let task = NewTask::new(TaskKey::random(), Hop::Start { to: "State".to_owned() }, "default", "{}");
    NewInstance { key: key.map(str::to_owned), ..NewInstance::new("Machine", "{}", task) }
}

/// Starts an instance, claims its task and ends it, by the database's own clock.
async fn walk(store: &PostgresStore) {
    let worker = WorkerId::random();
    store.register(worker, Duration::from_secs(10)).await.unwrap();
    let task = NewTask::new(TaskKey::random(), Hop::Start { to: "State".to_owned() }, "default", "{}");
    let started = store.start(vec![NewInstance::new("Machine", "{}", task)]).await.unwrap();
    let claiming = Claiming { machines: vec!["Machine".to_owned()], ..Claiming::new(worker, NonZeroU32::MAX) };
    let claims = store.claim(claiming).await.unwrap();
    assert_eq!(claims.len(), 1);
    let done = Verdict::Done { next: Vec::new(), context: "{}".to_owned() };
    store.commit(claims[0].lease, done.into()).await.unwrap();
    let instance = store.instance(started[0].id).await.unwrap().unwrap();
    assert!(instance.status.is_ended() && instance.ended_at.unwrap() >= instance.created_at);
}
