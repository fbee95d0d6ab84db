//! An action chooses the queue of all that follows, until another one chooses anew.

use fantasm::{fsm_action, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, DynamicQueue,
        dynamic_queue::{Choose, Context, Contexts, Deliver, Load},
    },
    run::{ended, expect, visits},
};

#[fsm_action]
pub(crate) async fn choose(cx: &mut Context) -> Choose {
    if !cx.queue.is_empty() {
        let queue = cx.queue.clone();
        cx.set_queue(queue);
    }
    Choose::Chosen
}

#[fsm_action]
pub(crate) async fn load(cx: &mut Context) -> Load {
    for parcel in 1..3 {
        cx.fork(DynamicQueue { parcel, ..cx.data().clone() });
    }
    Load::Loaded
}

#[fsm_action]
pub(crate) async fn deliver(cx: &mut Context, parcels: Contexts) -> Deliver {
    cx.parcel = parcels.iter().map(|parcel| parcel.parcel).sum();
    cx.set_queue("evening");
    Deliver::Delivered
}

#[fsm_action]
pub(crate) async fn rest(cx: &mut Context) {
    cx.set_queue("night");
}

#[fsm_action]
pub(crate) async fn leave(_: &mut Context) {}

on_every_store! {
    each_instance_waits_in_the_queue_that_it_chose
    a_chosen_queue_holds_until_another_is_chosen
}

async fn each_instance_waits_in_the_queue_that_it_chose(world: World) {
    let mut worker = world.worker(machines::all());
    let client = worker.client();
    for queue in ["freight", "never"] {
        client.pause(queue).await.unwrap();
    }
    let start = |queue: &str| client.start(DynamicQueue { queue: queue.to_owned(), parcel: 0 });
    let (express, freight) = (start("express").await.unwrap(), start("freight").await.unwrap());
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&express).await.unwrap().data::<DynamicQueue>().unwrap().parcel, 3);
    assert_eq!(freight.inspect().await.unwrap().status, InstanceStatus::Active);
    assert_eq!(visits(&freight).await, expect([("Choose", 1)]));
    client.resume("freight").await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&freight).await.unwrap().data::<DynamicQueue>().unwrap().parcel, 3);
}

/// Through forks and a fan-in, and for the last exit too.
async fn a_chosen_queue_holds_until_another_is_chosen(world: World) {
    let mut worker = world.worker(machines::all());
    let client = worker.client();
    let queues = ["counter", "freight", "evening", "night"];
    for queue in queues.into_iter().chain(["never"]) {
        client.pause(queue).await.unwrap();
    }
    let run = client.start(DynamicQueue { queue: "freight".to_owned(), parcel: 0 }).await.unwrap();
    // Load and Deliver both wait in the same queue, the last step is the exit.
    let mut n_steps = Vec::new();
    for queue in queues {
        client.resume(queue).await.unwrap();
        worker.run_until_idle().await.unwrap();
        n_steps.push(run.history().await.unwrap().len());
    }
    assert_eq!(n_steps, [1, 3, 4, 5]);
    assert_eq!(ended(&run).await.unwrap().status, InstanceStatus::Finished);
}
