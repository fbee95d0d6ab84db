//! Starts: with nothing, later, again, and many.

use std::{collections::BTreeSet, time::Duration};

use fantasm::{
    TaskKey,
    store::{Hop, InstanceStatus, NewInstance, NewTask},
};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{self, DynamicQueue, Gathering, Walk},
    run::{ended, expect, visits},
    walk::Walker,
};

on_every_store! {
    an_empty_context_starts_an_instance
    a_start_only_makes_a_task
    a_start_may_wait
    a_key_starts_one_instance_and_others_start_more
    the_countdown_of_a_machine_does_not_delay_its_start
    a_machine_that_nobody_here_knows_is_left_alone
    a_task_that_nobody_here_knows_is_left_alone
}

async fn an_empty_context_starts_an_instance(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(DynamicQueue::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert_eq!(visits(&run).await, expect([("Choose", 1), ("Load", 1), ("Deliver", 1), ("Rest", 1)]));
}

async fn a_start_only_makes_a_task(world: World) {
    let worker = world.worker(machines::all());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    let instance = run.inspect().await.unwrap();
    assert_eq!((instance.n_live, run.history().await.unwrap().len()), (1, 0));
}

async fn a_start_may_wait(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(DynamicQueue::default()).delay(Duration::from_secs(90)).await.unwrap();
    assert!(!worker.step_due().await.unwrap());
    assert!(worker.step().await.unwrap());
    let created_at = run.inspect().await.unwrap().created_at;
    assert_eq!(run.history().await.unwrap()[0].started_at.duration_since(created_at).as_secs(), 90);
}

async fn a_key_starts_one_instance_and_others_start_more(world: World) {
    let worker = world.worker(machines::all());
    let client = worker.client();
    let mut ids = BTreeSet::new();
    for key in ["may", "june", "may", "june", "july"] {
        ids.insert(client.start(DynamicQueue::default()).key(key).await.unwrap().id());
    }
    assert_eq!(ids.len(), 3);
    for _ in 0..2 {
        ids.insert(client.start(DynamicQueue::default()).await.unwrap().id());
    }
    assert_eq!(ids.len(), 5, "without a key every start is one of its own");
}

/// But every transition that has none of its own, and no exit at the end.
async fn the_countdown_of_a_machine_does_not_delay_its_start(world: World) {
    let mut worker = world.worker(machines::all()).service(Walker::default());
    let run = worker.client().start(Walk::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = ended(&run).await.unwrap();
    let steps = run.history().await.unwrap();
    let seconds: Vec<_> =
        steps.iter().map(|step| step.started_at.duration_since(instance.created_at).as_secs()).collect();
    assert_eq!(seconds, [0, 7, 14, 14]);
}

/// It is not even claimed, and waits for a worker that has the machine.
async fn a_machine_that_nobody_here_knows_is_left_alone(world: World) {
    let hop = Hop::Start { to: "Begin".to_owned() };
    let instance = NewInstance::new("Elsewhere", "{}", NewTask::new(TaskKey::random(), hop, "default", "{}"));
    let id = world.backend.store().start(vec![instance]).await.unwrap()[0].id;
    let mut worker = world.worker(machines::all()).service(Walker::default());
    worker.run_until_idle().await.unwrap();
    let run = worker.client().run(id);
    let instance = run.inspect().await.unwrap();
    assert_eq!((instance.status, instance.n_live), (InstanceStatus::Active, 1));
    assert!(run.history().await.unwrap().is_empty());
}

/// A newer program's state, or one that has gone: the task waits for a worker that knows it, and nothing is counted.
async fn a_task_that_nobody_here_knows_is_left_alone(world: World) {
    let hop = Hop::Start { to: "Elsewhere".to_owned() };
    let instance = NewInstance::new("Walk", "{}", NewTask::new(TaskKey::random(), hop, "default", "{}"));
    let id = world.backend.store().start(vec![instance]).await.unwrap()[0].id;
    let mut worker = world.worker(machines::all()).service(Walker::default());
    let run = worker.client().run(id);
    for _ in 0..3 {
        assert!(worker.step_due().await.unwrap());
        assert!(!worker.step_due().await.unwrap(), "it is left alone for a minute");
        world.clock.advance(Duration::from_secs(60));
    }
    let instance = run.inspect().await.unwrap();
    assert_eq!((instance.status, instance.n_live), (InstanceStatus::Active, 1));
    assert!(run.history().await.unwrap().is_empty());
    let error = worker.run_until_idle().await.unwrap_err();
    assert!(
        error.to_string().contains("these machines do not have"),
        "a test is told, and does not go on for ever: {error}"
    );
}
