//! One SQLite file.

mod clock;
mod full;
mod group;
mod refused;
mod shared;
mod statement;

use std::{num::NonZeroU32, path::Path, sync::Arc, time::Duration};

use fantasm::{
    TaskKey, WorkerId,
    store::{Claiming, Hop, NewInstance, NewTask, SqliteStore, Started, Store, StoreError, conformance::World},
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

const MACHINE: &str = "Machine";

/// Opens a store on a clock that stands still.
async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open_with_clock(path, Arc::new(ManualClock::new())).await
}

/// An instance with a first task that is due at once.
fn instance(key: Option<String>, context: &str) -> NewInstance {
    NewInstance { key, ..NewInstance::new(MACHINE, context, task(context)) }
}

fn task(context: &str) -> NewTask {
    NewTask::new(TaskKey::random(), Hop::Start { to: "State".to_owned() }, "default", context)
}

/// Starts an instance with a first task that is due at once.
async fn start(store: &SqliteStore, key: Option<String>, context: &str) -> Result<Started, StoreError> {
    Ok(store.start(vec![instance(key, context)]).await?.remove(0))
}

async fn register(store: &SqliteStore) -> WorkerId {
    let worker = WorkerId::random();
    store.register(worker, Duration::from_secs(10)).await.unwrap();
    worker
}

fn claiming(worker: WorkerId) -> Claiming {
    Claiming { machines: vec![MACHINE.to_owned()], ..Claiming::new(worker, NonZeroU32::MAX) }
}

/// Says why a test could not show what it is for on this machine.
#[expect(clippy::print_stderr, reason = "whoever reads the test's output is to know")]
fn cannot_be_shown(why: &str) {
    eprintln!("not shown: {why}");
}
