//! One process at a time, which dies: at every place once, at every few calls, and at random.

use fantasm::testing::CrashSweep;
use fantasm_tests::{Crash, seeds};

use crate::world::World;

/// How many lives a survey may take before the test says that it does not get on.
const MAX_LIVES: usize = 500;

#[tokio::test]
async fn a_crash_at_any_call_is_made_good_in_memory() {
    sweep(async || World::memory()).await;
}

#[tokio::test]
async fn a_crash_at_any_call_is_made_good_on_sqlite() {
    sweep(World::sqlite).await;
}

/// By the harness that users have for machines of their own.
async fn sweep(world: impl AsyncFn() -> World) {
    let sweep = CrashSweep::new(async || Ok(world().await.scenario()));
    let swept = sweep.run(async |end| end.effects.check_run(&end.run).await).await.unwrap();
    assert!(swept.n_calls > 90, "a survey takes more than {} calls", swept.n_calls);
    assert_eq!(swept.coverage.missed(), [], "{}", swept.coverage);
}

/// Each life is just long enough for a step or two.
#[tokio::test]
async fn crashes_at_every_few_calls_are_made_good() {
    for n in 10..=16 {
        for crash in [Crash::Before(n), Crash::After(n)] {
            crash_again_and_again(World::memory(), || crash).await;
            crash_again_and_again(World::sqlite().await, || crash).await;
        }
    }
}

#[tokio::test]
async fn random_crashes_are_made_good_in_memory() {
    for seed in seeds("random_crashes_are_made_good_in_memory", 0..200) {
        let mut rng = seed.rng();
        crash_again_and_again(World::memory().stormy(rng.fork()), || random(&mut rng)).await;
    }
}

#[tokio::test]
async fn random_crashes_are_made_good_on_sqlite() {
    for seed in seeds("random_crashes_are_made_good_on_sqlite", 0..20) {
        let mut rng = seed.rng();
        crash_again_and_again(World::sqlite().await.stormy(rng.fork()), || random(&mut rng)).await;
    }
}

fn random(rng: &mut fastrand::Rng) -> Crash {
    let n = rng.u64(1..=24);
    if rng.bool() { Crash::Before(n) } else { Crash::After(n) }
}

/// One life after the other, until there is nothing left to do.
async fn crash_again_and_again(mut world: World, mut crash: impl FnMut() -> Crash) {
    for _ in 0..MAX_LIVES {
        if world.live(crash()).await.is_ok() {
            return world.check().await;
        }
        world.backend.reopen().await.unwrap();
    }
    panic!("on {} the survey does not get on", world.backend);
}
