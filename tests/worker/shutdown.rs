//! A worker that stops: what runs may finish, what does not is given back, nothing is lost.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use fantasm::store::{InstanceStatus, StoreError, StoreErrorKind};
use fantasm_tests::Call;

use crate::{
    job::{Act, Desk},
    world::{World, pass},
};

const GRACE: Duration = Duration::from_secs(20);

#[tokio::test(start_paused = true)]
async fn what_runs_may_finish_and_nothing_more_is_begun() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(5).await;
    let worker = world.worker(&desk).concurrency(2).grace(GRACE).start().await.unwrap();
    desk.begun(2).await;
    let let_go = async {
        // Longer than a lease: a worker that drains goes on renewing.
        pass(GRACE - Duration::from_secs(1)).await;
        desk.let_go(2);
    };
    let (stopped, ()) = tokio::join!(worker.shutdown(), let_go);
    stopped.unwrap();
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1], [1]], "nothing more was begun");

    let before = world.now();
    let next = world.worker(&desk).start().await.unwrap();
    desk.let_go(3);
    world.finish(&runs).await;
    assert_eq!(world.now(), before, "nothing waits for a lease to run out");
    assert!(desk.runs().values().all(|attempts| attempts == &[1]), "{:?}", desk.runs());
    next.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_lost_while_draining_begins_nothing_new() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(5).await;
    let n_beats = AtomicU32::new(0);
    let lose_second = move |call| {
        let is_time = call == Call::Renew && n_beats.fetch_add(1, Ordering::Relaxed) == 1;
        is_time.then(|| StoreError::new(StoreErrorKind::LeaseLost, "as the test wants it"))
    };
    let worker = world.faulty_worker(&desk, lose_second).concurrency(2).grace(GRACE).start().await.unwrap();
    desk.begun(2).await;
    worker.shutdown().await.unwrap();
    assert_eq!(desk.seen().n_begun, 2, "nothing more was begun");
    let next = world.worker(&desk).start().await.unwrap();
    desk.let_go(5);
    world.finish(&runs).await;
    next.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_outlasts_the_grace_period_is_given_back_at_once() {
    let (world, desk) = (World::new(), Desk::scripted(|_, n_runs| if n_runs == 1 { Act::Hang } else { Act::Work }));
    let runs = world.start(1).await;
    let worker = world.worker(&desk).grace(GRACE).start().await.unwrap();
    desk.begun(1).await;
    let before = world.now();
    worker.shutdown().await.unwrap();
    let stopped_at = world.now();
    assert_eq!(stopped_at, before.checked_add(GRACE).unwrap());
    assert_eq!(desk.seen().n_running, 0, "nobody goes on working on what was given back");
    assert_eq!(runs[0].inspect().await.unwrap().status, InstanceStatus::Active);

    let next = world.worker(&desk).start().await.unwrap();
    desk.let_go(1);
    world.finish(&runs).await;
    assert_eq!(world.now(), stopped_at, "nothing waits for a lease to run out");
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1, 1]], "the attempt does not count");
    next.shutdown().await.unwrap();
}

/// Nothing that it does could be committed.
#[tokio::test(start_paused = true)]
async fn what_runs_of_a_cancelled_instance_is_not_waited_for() {
    let (world, desk) = (World::new(), Desk::scripted(|_, _| Act::Hang));
    let runs = world.start(1).await;
    let worker = world.worker(&desk).grace(GRACE).start().await.unwrap();
    desk.begun(1).await;
    runs[0].cancel().await.unwrap();
    let before = world.now();
    worker.shutdown().await.unwrap();
    assert_eq!((world.now(), desk.seen().n_running), (before, 0));
}

#[tokio::test(start_paused = true)]
async fn an_idle_worker_stops_at_once() {
    let (world, desk) = (World::new(), Desk::new());
    let worker = world.worker(&desk).grace(GRACE).start().await.unwrap();
    let before = world.now();
    worker.shutdown().await.unwrap();
    assert_eq!(world.now(), before);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_dropped_is_as_good_as_dead() {
    let (world, desk) = (World::new(), Desk::scripted(|_, n_runs| if n_runs == 1 { Act::Hang } else { Act::Work }));
    let runs = world.start(1).await;
    let worker = world.worker(&desk).start().await.unwrap();
    desk.begun(1).await;
    let before = world.now();
    drop(worker);
    let next = world.worker(&desk).start().await.unwrap();
    desk.let_go(1);
    world.finish(&runs).await;
    let taken_over = world.now().duration_since(before);
    assert!(taken_over.unsigned_abs() <= 2 * crate::world::HEARTBEAT, "after {taken_over:#}");
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [[1, 2]]);
    next.shutdown().await.unwrap();
}

/// On real threads, of which one is blocked: nobody can stop it, and nobody waits for it either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_that_blocks_its_thread_is_left_behind() {
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = Mutex::new(blocked);
    let desk = Desk::scripted(move |_, _| {
        let _ = blocked.lock().unwrap().recv();
        Act::Work
    });
    let world = World::new();
    let runs = world.start(1).await;
    let worker = world.worker(&desk).heartbeat(Duration::from_millis(50)).grace(Duration::ZERO).start().await.unwrap();
    desk.begun(1).await;
    worker.shutdown().await.unwrap();
    drop(release);
    let next = world.worker(&desk).start().await.unwrap();
    desk.let_go(2);
    world.ended(&runs).await;
    next.shutdown().await.unwrap();
    world.assert_done_once(&runs);
}
