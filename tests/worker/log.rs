//! What of a log is kept.

use fantasm::LogLevel;

use crate::{job::Desk, world::World};

/// Below it lines are told to `tracing` alone.
#[tokio::test(start_paused = true)]
async fn a_worker_keeps_lines_from_a_level_on() {
    for (level, expected) in
        [(LogLevel::Debug, &["begun", "run 1"][..]), (LogLevel::Info, &["run 1"]), (LogLevel::Error, &[])]
    {
        let (world, desk) = (World::new(), Desk::new());
        let runs = world.start(1).await;
        let worker = world.worker(&desk).log_level(level).start().await.unwrap();
        desk.let_go(1);
        world.finish(&runs).await;
        let log = runs[0].log().await.unwrap();
        assert_eq!(log.iter().map(|entry| entry.line.message.as_str()).collect::<Vec<_>>(), expected, "{level:?}");
        worker.shutdown().await.unwrap();
    }
}
