//! Fan-ins by count and joins of all branches, nested and one after the other.

use fantasm::{
    store::{InstanceStatus, StepVerdict},
    testing::StepWorker,
};
use fantasm_tests::{Keyed, Layered, Seed, World, on_every_store, seeds};

use crate::machines::{self, Delta, Tally};

on_every_store! {
    each_join_fires_once_with_all
    a_join_that_leads_to_another_fires_before_it
}

async fn each_join_fires_once_with_all(world: World) {
    for seed in seeds("each_join_fires_once_with_all", 0..3) {
        joined(&world, &seed).await;
    }
}

/// Three accounts a minute apart, three badges each, at times that the seed draws; nobody waits out a window of ten minutes.
async fn joined(world: &World, seed: &Seed) {
    let store = Layered(Keyed::new(world.backend.store(), seed));
    let mut worker = StepWorker::new(store, world.clock.clone()).machines(machines::all());
    let run = worker.client().start(Tally::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = run.finished().await.unwrap();
    assert_eq!(instance.status, InstanceStatus::Finished);
    let of_accounts: i64 = (1..=3).flat_map(|account| (1..=3).map(move |badge| 100 * account + badge)).sum();
    let tally: Tally = instance.data().unwrap();
    assert_eq!(tally.sum, 10 * of_accounts);
    world.backend.assert_no_work_left();
    let history = run.history().await.unwrap();
    let n_steps = |state: &str| history.iter().filter(|step| step.hop.to() == Some(state)).count();
    let counted = ["Accounts", "Badges", "Score", "Accounted", "Total", "Spread", "Again"].map(n_steps);
    assert_eq!(counted, [3, 3, 9, 3, 1, 1, 1]);
    let last = history.last().map(|step| step.ended_at.duration_since(instance.created_at).as_secs());
    assert!(last.is_some_and(|seconds| (120..=620).contains(&seconds)), "{last:?}");
}

/// Two branches meet before, two have failed and meet by themselves, and one is there already: the last join has them all.
async fn a_join_that_leads_to_another_fires_before_it(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Delta::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = run.finished().await.unwrap();
    assert_eq!(instance.status, InstanceStatus::Finished);
    let data: Delta = instance.data().unwrap();
    assert_eq!(data.way, "2 bent, 2 failed, straight");
    world.backend.assert_no_work_left();
    let history = run.history().await.unwrap();
    let fired = history.iter().filter(|step| step.verdict == StepVerdict::Done).filter_map(|step| step.hop.to());
    let mut fired: Vec<&str> = fired.filter(|state| !["Source", "Part"].contains(state)).collect();
    assert_eq!(fired.pop(), Some("Mouth"));
    fired.sort_unstable();
    assert_eq!(fired, ["Bend", "Complain"]);
}
