//! Many tasks at once, and not one more than said.

use std::time::Duration;

use crate::{
    job::Desk,
    world::{World, pass},
};

#[tokio::test(start_paused = true)]
async fn no_more_tasks_run_than_said() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(10).await;
    let worker = world.worker(&desk).concurrency(3).start().await.unwrap();
    desk.begun(3).await;
    // Long enough for a worker that claims too much to do so.
    pass(Duration::from_secs(60)).await;
    for n_done in 1..=10 {
        assert!(desk.seen().n_running <= 3, "{:?}", desk.seen());
        desk.let_go(1);
        desk.begun((3 + n_done).min(10)).await;
    }
    world.finish(&runs).await;
    assert_eq!(desk.seen().max_running, 3);
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn as_many_tasks_run_as_said() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(50).await;
    let worker = world.worker(&desk).concurrency(50).start().await.unwrap();
    desk.begun(50).await;
    assert_eq!(desk.seen().n_running, 50);
    desk.let_go(50);
    world.finish(&runs).await;
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_concurrency_of_none_is_taken_as_one() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(3).await;
    let worker = world.worker(&desk).concurrency(0).start().await.unwrap();
    desk.let_go(3);
    world.finish(&runs).await;
    assert_eq!(desk.seen().max_running, 1);
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn work_that_comes_later_is_begun_at_once() {
    let (world, desk) = (World::new(), Desk::new());
    let worker = world.worker(&desk).start().await.unwrap();
    desk.let_go(2);
    for _ in 0..2 {
        pass(Duration::from_millis(2300)).await;
        let before = world.now();
        let runs = world.start(1).await;
        runs[0].finished().await.unwrap();
        assert_eq!(world.now(), before, "nobody slept while there was work");
    }
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn workers_share_what_there_is() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(40).await;
    let mut workers = Vec::new();
    for _ in 0..4 {
        workers.push(world.worker(&desk).concurrency(5).start().await.unwrap());
    }
    desk.begun(20).await;
    assert_eq!(desk.seen().n_running, 20);
    desk.let_go(40);
    world.finish(&runs).await;
    assert!(desk.runs().values().all(|attempts| attempts == &[1]), "{:?}", desk.runs());
    for worker in workers {
        worker.shutdown().await.unwrap();
    }
}
