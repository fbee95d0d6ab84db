//! A store that does not answer, for a while or for too long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fantasm::{
    RunError,
    store::{StoreError, StoreErrorKind},
};
use fantasm_tests::Call;

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

/// Those who wait for an instance through this worker learn of it, so that a program need not hang.
#[tokio::test(start_paused = true)]
async fn a_worker_stops_when_the_store_is_out_for_too_long() {
    for kind in [StoreErrorKind::Unavailable, StoreErrorKind::Full, StoreErrorKind::Unusable, StoreErrorKind::Internal]
    {
        let (world, desk) = (World::new(), Desk::new());
        let runs = world.start(1).await;
        let (is_out, script) = outage(kind);
        let worker = world.faulty_worker(&desk, script).start().await.unwrap();
        desk.begun(1).await;
        is_out.store(true, Ordering::Relaxed);
        desk.let_go(1);
        let run = worker.client().run(runs[0].id());
        let finished = tokio::time::timeout(Duration::from_secs(60), run.finished()).await;
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
