//! What an ended instance leaves behind: nothing to be run, and nothing that nobody can see.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use fantasm::{
    TaskKey, WorkerId,
    store::{Claiming, Closing, Hop, NewInstance, NewPackage, NewTask, Verdict},
    testing::ManualClock,
};
use fantasm_tests::Backend;

const PERIOD: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_halt_leaves_no_rows() {
    let clock = Arc::new(ManualClock::new());
    for backend in backends(&clock).await {
        let claims = gather(&backend, &clock).await;
        backend.store().seal(claims[0].lease).await.unwrap();
        backend.store().commit(claims[0].lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await.unwrap();
        backend.assert_no_work_left();
    }
}

#[tokio::test]
async fn a_finished_instance_leaves_no_rows() {
    let clock = Arc::new(ManualClock::new());
    for backend in backends(&clock).await {
        for claim in gather(&backend, &clock).await {
            let done = Verdict::Done { next: Vec::new(), context: "{}".to_owned() };
            backend.store().seal(claim.lease).await.unwrap();
            backend.store().commit(claim.lease, done.into()).await.unwrap();
        }
        backend.assert_no_work_left();
    }
}

async fn backends(clock: &Arc<ManualClock>) -> [Backend; 3] {
    let sqlite = Backend::sqlite(clock.clone()).await.unwrap();
    [Backend::memory(clock.clone()), sqlite, Backend::postgres(clock.clone()).await.unwrap()]
}

/// An instance that has two windows and a task, all of them running.
async fn gather(backend: &Backend, clock: &ManualClock) -> Vec<fantasm::store::Claim> {
    let store = backend.store();
    let worker = WorkerId::random();
    store.register(worker, Duration::from_secs(10)).await.unwrap();
    let hop = Hop::Start { to: "State".to_owned() };
    let task = NewTask::new(TaskKey::random(), hop.clone(), "default", "{}");
    let package = |group: &str| NewPackage {
        window_key: TaskKey::random(),
        hop: hop.clone(),
        group: Some(group.to_owned()),
        queue: "default".to_owned(),
        target: None,
        context: "{}".to_owned(),
        queue_override: None,
        closing: Closing::After { period: PERIOD, max: None },
        rank: 0,
    };
    store.start(vec![NewInstance::new("Machine", "{}", task.clone())]).await.unwrap();
    let claiming = Claiming { machines: vec!["Machine".to_owned()], ..Claiming::new(worker, NonZeroU32::MAX) };
    let root = store.claim(claiming.clone()).await.unwrap().remove(0);
    let next = vec![package("a").into(), package("b").into(), package("a").into(), task.into()];
    store.commit(root.lease, Verdict::Done { next, context: "{}".to_owned() }.into()).await.unwrap();
    clock.advance(PERIOD);
    let claims = store.claim(claiming).await.unwrap();
    assert_eq!(claims.len(), 3);
    claims
}
