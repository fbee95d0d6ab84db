//! What ended long ago is swept away, and what has not is kept.

use std::time::Duration;

use fantasm::{Clock, RunError, store::InstanceStatus, testing::StepWorker};
use fantasm_tests::{World, on_every_store};

use crate::machines::{self, Fragile};

const DAY: Duration = Duration::from_secs(24 * 3600);

on_every_store! {
    what_ended_long_ago_is_swept_away
    many_are_swept_in_batches_one_after_the_other
}

/// Starts an instance that fails at once, or never ends.
fn instance(ends: bool) -> Fragile {
    Fragile { how: if ends { String::new() } else { "hang".to_owned() }, cause: "restless".to_owned() }
}

/// Takes steps until so much time has passed; answers how many at each time.
async fn pass(world: &World, worker: &mut StepWorker, time: Duration) -> Vec<u32> {
    let end = world.clock.now().checked_add(time).unwrap();
    let (mut steps, mut last) = (Vec::new(), None);
    while world.clock.now() < end && worker.step().await.unwrap() {
        if last.replace(world.clock.now()) != Some(world.clock.now()) {
            steps.push(0);
        }
        *steps.last_mut().unwrap() += 1;
    }
    steps
}

async fn what_ended_long_ago_is_swept_away(world: World) {
    let mut worker = world.worker(machines::all()).retention(DAY);
    let old = worker.client().start(instance(true)).key("old").await.unwrap();
    let waiting = worker.client().start(instance(true)).delay(DAY * 3).await.unwrap();
    pass(&world, &mut worker, DAY - Duration::from_secs(3600)).await;
    assert_eq!(old.inspect().await.unwrap().status, InstanceStatus::Failed, "it is less than a day old");
    let steps = pass(&world, &mut worker, Duration::from_secs(2 * 3600)).await;
    assert!(steps.len() <= 3 && steps.iter().all(|n| *n == 1), "it rests an hour: {steps:?}");
    assert!(matches!(old.inspect().await, Err(RunError::Unknown(_))));
    assert_eq!(
        waiting.inspect().await.unwrap().status,
        InstanceStatus::Active,
        "what has not ended stays, however old"
    );
    let again = worker.client().start(instance(true)).key("old").await.unwrap();
    assert_ne!(again.id(), old.id(), "its key is free again");
}

async fn many_are_swept_in_batches_one_after_the_other(world: World) {
    let mut worker = world.worker(machines::all());
    for _ in 0..450 {
        worker.client().start(Fragile::default()).await.unwrap();
    }
    worker.run_until_idle().await.unwrap();
    world.clock.advance(DAY);
    let mut worker = world.worker(machines::all()).retention(DAY / 2);
    assert_eq!(
        pass(&world, &mut worker, Duration::from_secs(60)).await,
        [3, 1],
        "200, 200, 50, and an hour later none"
    );
    // One instance is left, with one task: that of the next sweep. Whoever stops it finds nothing else.
    let sweeper = worker.client().run(fantasm::InstanceId(1));
    assert!(matches!(sweeper.inspect().await, Err(RunError::Unknown(_))), "the first that was started is gone");
    assert!(!world.worker(machines::all()).step().await.unwrap(), "there is no other task");
}
