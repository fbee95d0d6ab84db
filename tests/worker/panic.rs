//! Actions that panic.

use crate::{
    job::{Act, Desk},
    world::World,
};

#[tokio::test(start_paused = true)]
async fn a_panic_fails_its_attempt_and_nothing_else() {
    let act = |number, n_runs| if number == 2 && n_runs < 3 { Act::Panic } else { Act::Work };
    let (world, desk) = (World::new(), Desk::scripted(act));
    let runs = world.start(3).await;
    let worker = world.worker(&desk).start().await.unwrap();
    desk.let_go(3);
    world.finish(&runs).await;
    assert_eq!(desk.runs().into_values().collect::<Vec<_>>(), [vec![1], vec![1, 2, 3], vec![1]]);
    worker.shutdown().await.unwrap();
}
