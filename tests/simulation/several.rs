//! Several processes on one store, interleaved call by call: they crash, they oversleep their leases, their actions fail.

use std::{pin::Pin, sync::Arc, time::Duration};

use fantasm_tests::{Crash, Gate, Lives, Seed, seeds};

use crate::world::World;

/// How many calls a survey may take before the test says that it does not get on.
const MAX_TURNS: usize = 100_000;

/// How long nobody does anything; the longest is longer than a lease.
const NAPS: [Duration; 4] =
    [Duration::from_millis(10), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(11)];

#[tokio::test]
async fn several_workers_share_a_survey_in_memory() {
    let mut n_refused = 0;
    for seed in seeds("several_workers_share_a_survey_in_memory", 0..150) {
        n_refused += share(World::memory(), &seed).await;
    }
    assert!(n_refused > 0, "no worker has overslept its lease: the test does not test what it should");
}

#[tokio::test]
async fn several_workers_share_a_survey_on_sqlite() {
    let mut n_refused = 0;
    for seed in seeds("several_workers_share_a_survey_on_sqlite", 0..15) {
        n_refused += share(World::sqlite().await, &seed).await;
    }
    assert!(n_refused > 0, "no worker has overslept its lease: the test does not test what it should");
}

/// Answers how many commits were refused because their lease was lost.
async fn share(world: World, seed: &Seed) -> u64 {
    let mut rng = seed.rng();
    let world = Arc::new(world.stormy(rng.fork()));
    // The first life starts the survey, and dies of it.
    world.live(Crash::After(1)).await.expect_err("the process dies");
    let survey = world.survey().await;
    let mut lives = Lives::new(rng.usize(2..=4), {
        let (world, mut rng) = (Arc::clone(&world), rng.fork());
        move |gate| life(Arc::clone(&world), crash(&mut rng), gate)
    });
    for _ in 0..MAX_TURNS {
        lives.turn(&mut rng).await;
        if rng.u8(..) < 16 {
            world.clock.advance(NAPS[rng.usize(..NAPS.len())]);
        }
        if survey.inspect().await.unwrap().status.is_ended() {
            world.check().await;
            return world.journal.n_refused_commits();
        }
    }
    panic!("on {} the survey does not get on; {} processes have lived", world.backend, lives.n_begun());
}

/// A process that takes what is due, over and over, until it dies or is told that it lost its lease.
fn life(world: Arc<World>, crash: Crash, gate: Gate) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let mut worker = world.gated_process(crash, gate);
        while worker.step_due().await.is_ok() {}
    })
}

/// Most processes die sooner or later.
fn crash(rng: &mut fastrand::Rng) -> Crash {
    let n = rng.u64(1..=60);
    match rng.u8(..3) {
        0 => Crash::Before(n),
        1 => Crash::After(n),
        _ => Crash::Never,
    }
}
