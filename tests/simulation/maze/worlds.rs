//! Seeds without end: no promise is broken, whatever the store.

use std::{sync::Mutex, thread};

use fantasm_tests::{Seed, seeds};
use tokio::runtime::{Builder, Runtime};

use super::{
    ground::Ground,
    model::Counts,
    posts,
    world::{self, Told},
};

#[test]
fn ten_thousand_worlds_keep_their_promises_in_memory() {
    let seeds = seeds("ten_thousand_worlds_keep_their_promises_in_memory", 0..10_000);
    let counts = on_all_cores(seeds, |runtime| move |seed| keep(&runtime, seed, &Ground::memory()));
    if counts.n_worlds > 1 {
        let is_lively = counts.n_steps > 100_000 && counts.rarest() > 500;
        assert!(is_lively, "the worlds are too quiet: {counts:?}");
    }
}

#[test]
fn a_world_is_the_same_on_sqlite() {
    let seeds = seeds("a_world_is_the_same_on_sqlite", 0..400);
    on_all_cores(seeds, |runtime| {
        move |seed| {
            let told = keep(&runtime, seed, &Ground::memory());
            let ground = runtime.block_on(Ground::sqlite());
            keep(&runtime, seed, &ground).assert_is(&told, seed, &ground.backend);
            told
        }
    });
}

#[test]
fn a_world_is_the_same_on_postgres() {
    let seeds = seeds("a_world_is_the_same_on_postgres", 0..100);
    on_all_cores(seeds, |runtime| {
        let mut used = None;
        move |seed| {
            let told = keep(&runtime, seed, &Ground::memory());
            let ground = used.take().map_or_else(Ground::postgres, Ground::cleared);
            keep(&runtime, seed, &ground).assert_is(&told, seed, &ground.backend);
            used = Some(ground);
            told
        }
    });
}

#[test]
fn worlds_keep_their_promises_on_postgres() {
    on_all_cores(seeds("worlds_keep_their_promises_on_postgres", 1_000..1_020), |runtime| {
        let mut used = None;
        move |seed| {
            let ground = used.take().map_or_else(|| Ground::postgres().unsorted(), Ground::cleared);
            let told = keep(&runtime, seed, &ground);
            used = Some(ground);
            told
        }
    });
}

#[test]
fn worlds_of_real_workers_keep_their_promises() {
    let counts = on_all_cores(seeds("worlds_of_real_workers_keep_their_promises", 0..200), |_| {
        |seed| {
            // Each has a runtime of its own, which starts with its time at zero, and with which all that still runs ends.
            let counts = runtime().block_on(posts::run(seed.rng(), None));
            let counts = counts.unwrap_or_else(|words| panic!("seed {seed}: {words}"));
            Told { counts, past: Vec::new() }
        }
    });
    let is_lively = counts.n_refused > 20 && counts.n_rescued > 50 && counts.n_batches > 100;
    assert!(counts.n_worlds == 1 || is_lively, "the worlds are too quiet: {counts:?}");
}

/// Shares the seeds out among threads, each of which has a runtime of its own.
fn on_all_cores<W: FnMut(&Seed) -> Told>(
    seeds: impl Iterator<Item = Seed> + Send,
    worker: impl Fn(Runtime) -> W + Sync,
) -> Counts {
    let seeds = Mutex::new(seeds);
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let work = || {
            let (mut work, mut counts) = (worker(runtime()), Counts::default());
            loop {
                // Dropped while panicking the seed says how it is replayed.
                let Some(seed) = seeds.lock().unwrap().next() else { return counts };
                counts = counts + work(&seed).counts;
            }
        };
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        let counts = threads.into_iter().map(|thread| thread.join().expect("no promise is broken"));
        counts.fold(Counts::default(), |sum, counts| sum + counts)
    })
}

fn keep(runtime: &Runtime, seed: &Seed, ground: &Ground) -> Told {
    let told = runtime.block_on(world::run(seed.rng(), ground, None));
    told.unwrap_or_else(|words| panic!("seed {seed} on {}: {words}", ground.backend))
}

/// One thread, on which time passes when there is nothing else to do.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}
