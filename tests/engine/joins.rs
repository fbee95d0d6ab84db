//! Fan-ins by count and joins of all branches, nested and one after the other.

use fantasm::store::InstanceStatus;
use fantasm_tests::{World, on_every_store};

use crate::machines::{self, Tally};

on_every_store! {
    each_join_fires_once_with_all
}

/// Three accounts a minute apart, three badges each, at random times; nobody waits out a window of ten minutes.
async fn each_join_fires_once_with_all(world: World) {
    let mut worker = world.worker(machines::all());
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
