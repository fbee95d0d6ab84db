//! Leases: kept by slow workers, lost by silent ones.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use fantasm::store::{StoreError, StoreErrorKind};
use fantasm_tests::Call;

use crate::{
    job::{Act, Desk},
    world::{HEARTBEAT, World, pass},
};

#[tokio::test(start_paused = true)]
async fn a_slow_worker_keeps_its_tasks() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(2).await;
    let slow = world.worker(&desk).start().await.unwrap();
    desk.begun(2).await;
    let other = world.worker(&desk).start().await.unwrap();
    pass(Duration::from_secs(3600)).await;
    desk.let_go(2);
    world.finish(&runs).await;
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1], [1]]);
    slow.shutdown().await.unwrap();
    other.shutdown().await.unwrap();
}

/// What the worker was doing is dropped at once, and done again under its new identity.
#[tokio::test(start_paused = true)]
async fn a_worker_that_lost_its_lease_goes_on_under_a_new_identity() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(3).await;
    let is_lost = AtomicBool::new(false);
    let lose_once = move |call| {
        let is_time = call == Call::Renew && !is_lost.swap(true, Ordering::Relaxed);
        is_time.then(|| StoreError::new(StoreErrorKind::LeaseLost, "as the test wants it"))
    };
    // The first beat comes at once, so that what is lost may be no task at all, or all of them.
    let worker = world.faulty_worker(&desk, lose_once).start().await.unwrap();
    desk.let_go(3);
    world.finish(&runs).await;
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_lost_lease_are_dropped_and_run_again() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(3).await;
    let n_beats = AtomicU32::new(0);
    let lose_second = move |call| {
        let is_time = call == Call::Renew && n_beats.fetch_add(1, Ordering::Relaxed) == 1;
        is_time.then(|| StoreError::new(StoreErrorKind::LeaseLost, "as the test wants it"))
    };
    let worker = world.faulty_worker(&desk, lose_second).start().await.unwrap();
    desk.begun(6).await;
    assert_eq!(desk.seen().n_running, 3, "what was lost is not worked on any more");
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1, 2], [1, 2], [1, 2]]);
    desk.let_go(3);
    world.finish(&runs).await;
    worker.shutdown().await.unwrap();
}

/// Nobody else could run: the worker has one slot, and what hangs in it will never end by itself.
#[tokio::test(start_paused = true)]
async fn an_action_that_hangs_loses_its_slot_when_its_instance_is_cancelled() {
    let (world, desk) = (World::new(), Desk::scripted(|number, _| if number == 1 { Act::Hang } else { Act::Work }));
    let runs = world.start(2).await;
    let worker = world.worker(&desk).concurrency(1).start().await.unwrap();
    desk.begun(1).await;
    pass(HEARTBEAT * 3).await;
    assert_eq!((desk.seen().n_begun, desk.seen().n_running), (1, 1), "a slow action is left alone");
    assert!(runs[0].cancel().await.unwrap());
    desk.let_go(1);
    world.finish(&runs[1..]).await;
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1], [1]]);
    worker.shutdown().await.unwrap();
}

/// A defect of a store or of ours; user code's panics are caught long before.
#[tokio::test(start_paused = true)]
async fn a_task_that_is_dropped_by_a_defect_is_given_back() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(1).await;
    let has_panicked = AtomicBool::new(false);
    let panic_once = move |call| {
        assert!(call != Call::Commit || has_panicked.swap(true, Ordering::Relaxed), "as the test wants it");
        None
    };
    let worker = world.faulty_worker(&desk, panic_once).start().await.unwrap();
    desk.let_go(2);
    world.finish(&runs).await;
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1, 1]], "the attempt does not count");
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_commit_whose_lease_is_lost_is_left_to_whoever_has_it() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(1).await;
    let is_lost = AtomicBool::new(false);
    let lose_once = move |call| {
        let is_time = call == Call::Commit && !is_lost.swap(true, Ordering::Relaxed);
        is_time.then(|| StoreError::new(StoreErrorKind::LeaseLost, "as the test wants it"))
    };
    let stale = world.faulty_worker(&desk, lose_once).start().await.unwrap();
    desk.let_go(1);
    desk.begun(1).await;
    // The store still has the task as running: it is run again when its worker has gone.
    pass(Duration::from_secs(1)).await;
    stale.shutdown().await.unwrap();
    let next = world.worker(&desk).start().await.unwrap();
    desk.let_go(1);
    world.finish(&runs).await;
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1, 1]]);
    next.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_without_end_is_bounded() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(1).await;
    let worker = world.worker(&desk).heartbeat(Duration::MAX).start().await.unwrap();
    desk.let_go(1);
    world.finish(&runs).await;
    worker.shutdown().await.unwrap();
}
