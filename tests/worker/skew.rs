//! Workers whose clocks do not agree with the store's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use fantasm::{Clock, fsm_action, store::InstanceStatus, testing::ManualClock};
use fantasm_tests::Call;

use crate::{
    job::Desk,
    machines::{Flaky, Job, flaky},
    world::{World, pass},
};

const HOUR: Duration = Duration::from_secs(3600);

/// Fails when it is tried for the first time.
#[fsm_action]
pub(crate) async fn falter(cx: &mut flaky::Context) -> fantasm::Result<()> {
    if cx.attempt() == 1 { Err(fantasm::Error::retryable("the first attempt")) } else { Ok(()) }
}

/// An hour ahead of the world's.
fn ahead(world: &World) -> Arc<dyn Clock> {
    Arc::new(ManualClock::stopped_at(world.now().checked_add(HOUR).unwrap()))
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_ahead_waits_until_tasks_are_due_by_the_stores_clock() {
    let (world, desk) = (World::new(), Desk::new());
    let n_claims = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&n_claims);
    let count = move |call| {
        counted.fetch_add(u32::from(call == Call::Claim), Ordering::Relaxed);
        None
    };
    let worker = world.faulty_worker(&desk, count).clock(ahead(&world)).start().await.unwrap();
    world.client().start(Job::default()).delay(Duration::from_secs(30)).await.unwrap();
    pass(Duration::from_secs(20)).await;
    let n_claims = n_claims.load(Ordering::Relaxed);
    assert!((10..40).contains(&n_claims), "{n_claims} claims in 20 seconds");
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_task_is_as_old_as_the_store_says_whatever_the_workers_clock() {
    let (world, desk) = (World::new(), Desk::new());
    let worker = world.worker(&desk).clock(ahead(&world)).start().await.unwrap();
    let run = world.client().start(Flaky::default()).await.unwrap();
    assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
    worker.shutdown().await.unwrap();
}
