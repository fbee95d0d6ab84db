//! Retention, which every worker sees to by itself.

use std::time::Duration;

use fantasm::{InstanceId, RunError};

use crate::{
    job::Desk,
    world::{World, pass},
};

const HOUR: Duration = Duration::from_secs(3600);

impl World {
    /// The instance that sweeps, if there is one.
    async fn sweeper(&self) -> Option<InstanceId> {
        self.store().find("fantasm.Retention".to_owned(), "retention".to_owned()).await.unwrap()
    }
}

/// Two workers start one instance of it, and whichever queues they serve.
#[tokio::test(start_paused = true)]
async fn workers_sweep_without_being_told() {
    let (world, desk) = (World::new(), Desk::new());
    let runs = world.start(1).await;
    let worker = world.worker(&desk).start().await.unwrap();
    desk.let_go(1);
    world.finish(&runs).await;
    worker.shutdown().await.unwrap();
    assert_eq!(world.sweeper().await, None, "a worker that keeps for ever does not sweep");

    let builder = || world.worker(&desk).retention(HOUR / 2).queues(["other"]);
    let workers = [builder().start().await.unwrap(), builder().start().await.unwrap()];
    pass(Duration::from_secs(60)).await;
    let sweeper = world.sweeper().await.expect("a worker starts it");
    runs[0].inspect().await.expect("it ended a minute ago");
    pass(HOUR).await;
    assert!(matches!(runs[0].inspect().await, Err(RunError::Unknown(_))));
    let sweeper = world.client().run(sweeper);
    assert_eq!(sweeper.inspect().await.unwrap().n_live, 1);
    assert!(sweeper.history().await.unwrap().is_empty(), "its rows do not grow in number");
    for worker in workers {
        worker.shutdown().await.unwrap();
    }
}
