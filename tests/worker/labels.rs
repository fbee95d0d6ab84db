//! Work for workers with a label.

use std::time::Duration;

use fantasm::store::InstanceStatus;

use crate::{
    job::Desk,
    machines::Render,
    world::{World, pass},
};

#[tokio::test(start_paused = true)]
async fn a_task_with_a_target_waits_for_a_worker_with_that_label() {
    let (world, desk) = (World::new(), Desk::new());
    let run = world.client().start(Render::default()).await.unwrap();
    let plain = world.worker(&desk).label("cpu").start().await.unwrap();
    pass(Duration::from_secs(60)).await;
    assert_eq!(run.inspect().await.unwrap().status, InstanceStatus::Active);
    let labelled = world.worker(&desk).label("cpu").label("gpu").start().await.unwrap();
    assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
    plain.shutdown().await.unwrap();
    labelled.shutdown().await.unwrap();
}
