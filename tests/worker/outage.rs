//! A store that does not answer, for a while or for too long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fantasm::{
    BoxFuture, Client, RunError,
    store::{InstanceStatus, StoreError, StoreErrorKind},
    testing::{Call, Faults, FaultyStore},
};

use crate::{
    job::Desk,
    world::{World, pass},
};

/// Makes the store fail all calls that write, at the touch of a switch.
fn outage(kind: StoreErrorKind) -> (Arc<AtomicBool>, impl Fn(Call) -> Option<StoreError> + Send + Sync + 'static) {
    let is_out = Arc::new(AtomicBool::new(false));
    let script = {
        let is_out = Arc::clone(&is_out);
        move |_| is_out.load(Ordering::Relaxed).then(|| StoreError::new(kind, "the store is out, as the test wants it"))
    };
    (is_out, script)
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_is_sat_out() {
    for kind in [StoreErrorKind::Unavailable, StoreErrorKind::Full] {
        let (world, desk) = (World::new(), Desk::new());
        let runs = world.start(3).await;
        let (is_out, script) = outage(kind);
        let worker = world.faulty_worker(&desk, script).start().await.unwrap();
        desk.begun(3).await;
        is_out.store(true, Ordering::Relaxed);
        desk.let_go(3);
        // Longer than a beat: one is missed, and made up for before the lease ends with the next.
        pass(Duration::from_secs(7)).await;
        is_out.store(false, Ordering::Relaxed);
        world.finish(&runs).await;
        assert!(desk.runs().values().all(|attempts| attempts == &[1]), "{kind:?}: {:?}", desk.runs());
        worker.shutdown().await.unwrap();
    }
}

/// A restart of the database, and a minute of it: the worker sits it out, under a new identity, since its lease has run out.
#[tokio::test(start_paused = true)]
async fn a_restart_of_the_store_is_sat_out() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(3).await;
    let (is_out, script) = outage(StoreErrorKind::Unavailable);
    let worker = world.faulty_worker(&desk, script).start().await.unwrap();
    desk.begun(3).await;
    is_out.store(true, Ordering::Relaxed);
    desk.let_go(6);
    pass(Duration::from_secs(240)).await;
    is_out.store(false, Ordering::Relaxed);
    let back_at = world.now();
    world.finish(&runs).await;
    assert!(world.now().duration_since(back_at).as_secs() <= 20, "it asks every few seconds, and its lease ends");
    worker.shutdown().await.unwrap();
}

/// It need not sit the outage out: what it holds is taken over when its lease has run out.
#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_a_silent_store() {
    for is_begun in [true, false] {
        let (world, desk) = (World::new(), Desk::new());
        world.start(1).await;
        let (is_out, script) = outage(StoreErrorKind::Unavailable);
        is_out.store(!is_begun, Ordering::Relaxed);
        let grace = Duration::from_secs(7);
        let worker = world.faulty_worker(&desk, script).concurrency(2).grace(grace).start().await.unwrap();
        if is_begun {
            desk.begun(1).await;
            is_out.store(true, Ordering::Relaxed);
        }
        pass(Duration::from_secs(30)).await;
        let before = world.now();
        let stopped = worker.shutdown().await;
        assert_eq!(stopped.is_err(), is_begun, "it could not say goodbye: {stopped:?}");
        let seconds = world.now().duration_since(before).as_secs();
        assert!(seconds <= 2 * 7, "{seconds} seconds");
    }
}

/// Those who wait for an instance through this worker learn of it, so that a program need not hang.
#[tokio::test(start_paused = true)]
async fn a_worker_stops_when_the_store_is_out_for_too_long() {
    for kind in [StoreErrorKind::Unavailable, StoreErrorKind::Full, StoreErrorKind::Unusable, StoreErrorKind::Internal]
    {
        let (world, desk) = (World::new(), Desk::new());
        let runs = world.start(1).await;
        let (is_out, script) = outage(kind);
        let patience = Duration::from_secs(15);
        let worker = world.faulty_worker(&desk, script).give_up_after(patience).start().await.unwrap();
        desk.begun(1).await;
        is_out.store(true, Ordering::Relaxed);
        desk.let_go(1);
        let run = worker.client().run(runs[0].id());
        let finished = tokio::time::timeout(patience, run.finished()).await;
        match finished.expect("the wait ends with the worker") {
            Err(RunError::WorkerStopped(error)) => assert_eq!(error.kind(), kind),
            other => panic!("{kind:?}: {other:?}"),
        }
        assert_eq!(worker.stopped().await.kind(), kind);
        assert_eq!(desk.seen().n_running, 0, "{kind:?}: nobody goes on working");
        assert_eq!(worker.shutdown().await.expect_err("it has stopped by itself").kind(), kind);

        let next = world.worker(&desk).start().await.unwrap();
        desk.let_go(1);
        world.finish(&runs).await;
        next.shutdown().await.unwrap();
    }
}

/// A store of which nothing is heard while the switch is on.
#[derive(Debug)]
struct Silent(Arc<AtomicBool>);

impl Faults for Silent {
    fn before(&self, _: Call) -> BoxFuture<'_, Result<(), StoreError>> {
        let is_out = self.0.load(Ordering::Relaxed);
        let error = || StoreError::new(StoreErrorKind::Unavailable, "the store is out, as the test wants it");
        Box::pin(std::future::ready(if is_out { Err(error()) } else { Ok(()) }))
    }
}

/// A store that does not answer for a while says nothing about the instance.
#[tokio::test(start_paused = true)]
async fn who_waits_for_an_instance_sits_a_short_outage_out() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(1).await;
    let is_out = Arc::new(AtomicBool::new(true));
    let elsewhere = Client::new(FaultyStore::new(world.store(), Silent(Arc::clone(&is_out))));
    let run = elsewhere.run(runs[0].id());
    let work = async {
        pass(Duration::from_secs(60)).await;
        is_out.store(false, Ordering::Relaxed);
        let worker = world.worker(&desk).start().await.unwrap();
        desk.let_go(1);
        world.finish(&runs).await;
        worker.shutdown().await.unwrap();
    };
    let (finished, ()) = tokio::join!(run.finished(), work);
    assert_eq!(finished.unwrap().status, InstanceStatus::Finished);

    is_out.store(true, Ordering::Relaxed);
    let since = world.now();
    match elsewhere.run(runs[0].id()).finished().await {
        Err(RunError::Store(error)) => assert_eq!(error.kind(), StoreErrorKind::Unavailable),
        other => panic!("{other:?}"),
    }
    assert!(world.now().duration_since(since).as_secs() >= 290, "for about five minutes");
}
