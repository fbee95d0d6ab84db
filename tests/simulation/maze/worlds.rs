//! Seeds without end: no promise is broken.

use std::{sync::Mutex, thread};

use fantasm_tests::{Seed, seeds};
use tokio::runtime::{Builder, Runtime};

use super::{
    model::Counts,
    world::{self, On},
};

#[test]
fn ten_thousand_worlds_keep_their_promises_in_memory() {
    let seeds = Mutex::new(seeds("ten_thousand_worlds_keep_their_promises_in_memory", 0..10_000));
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let counts: Vec<Counts> = thread::scope(|scope| {
        let work = || {
            let (runtime, mut counts) = (runtime(), Counts::default());
            loop {
                let Some(seed) = seeds.lock().unwrap().next() else { return counts };
                counts = counts + keep(&runtime, &seed, On::Memory).counts;
            }
        };
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no promise is broken")).collect()
    });
    let counts = counts.into_iter().fold(Counts::default(), |sum, counts| sum + counts);
    if counts.n_worlds > 1 {
        let is_lively = counts.n_steps > 100_000 && counts.rarest() > 500;
        assert!(is_lively, "the worlds are too quiet: {counts:?}");
    }
}

#[test]
fn a_world_is_the_same_on_sqlite() {
    let runtime = runtime();
    for seed in seeds("a_world_is_the_same_on_sqlite", 0..400) {
        let (memory, sqlite) = (keep(&runtime, &seed, On::Memory), keep(&runtime, &seed, On::Sqlite));
        assert_eq!(memory, sqlite, "seed {seed}");
    }
}

fn keep(runtime: &Runtime, seed: &Seed, on: On) -> world::Told {
    let told = runtime.block_on(world::run(seed.rng(), on, None));
    // Dropped while panicking the seed says how it is replayed.
    told.unwrap_or_else(|words| panic!("seed {seed} on {on:?}: {words}"))
}

/// One thread, on which time passes when there is nothing else to do.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}
