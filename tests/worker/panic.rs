//! Actions that panic, and what they leave behind.

use std::fmt;

use fantasm::{
    fsm_action,
    store::{InstanceStatus, StepVerdict},
};
use serde::{Deserialize, Serialize};

use crate::{
    job::{Act, Desk},
    machines::{Bomb, bomb::Context},
    world::{HEARTBEAT, World, pass},
};

/// Panics when it is dropped, if it is lit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fuse {
    /// What is read back from JSON is not.
    #[serde(skip)]
    is_lit: bool,
}

const LIT: Fuse = Fuse { is_lit: true };

impl fmt::Display for Fuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lit")
    }
}

impl std::error::Error for Fuse {}

impl Drop for Fuse {
    fn drop(&mut self) {
        assert!(!self.is_lit, "a fuse that is lit is dropped, as the test wants it");
    }
}

#[fsm_action]
pub(crate) async fn defuse(cx: &mut Context) -> fantasm::Result<()> {
    if cx.attempt() > 1 {
        return Ok(());
    }
    let is_context = cx.what.starts_with("context");
    cx.fuse.is_lit = is_context;
    match cx.what.as_str() {
        "context of a panic" => panic!("beside a fuse that is lit"),
        "error" => return Err(LIT.into()),
        "payload" => std::panic::panic_any(LIT),
        "local" => _ = LIT,
        "cancelled" => {
            let _fuse = LIT;
            std::future::pending::<()>().await;
        }
        _ => {}
    }
    Ok(())
}

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

#[tokio::test(start_paused = true)]
async fn what_panics_when_it_is_dropped_fails_its_attempt_and_nothing_else() {
    let (world, desk) = (World::new(), Desk::new());
    let worker = world.worker(&desk).start().await.unwrap();
    for what in ["context", "context of a panic", "error", "payload", "local"] {
        let run = world.client().start(Bomb { what: what.to_owned(), ..Bomb::default() }).await.unwrap();
        let ended = run.finished().await.unwrap();
        let history = run.history().await.unwrap();
        let verdicts: Vec<_> = history.iter().map(|step| step.verdict).collect();
        assert_eq!(verdicts, [StepVerdict::Retry, StepVerdict::Done], "{what}: {history:?}");
        let seconds = ended.ended_at.unwrap().duration_since(ended.created_at).as_secs();
        assert!(seconds < 5, "{what}: tried again as after any failure: {seconds}");
    }
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_action_that_panics_when_it_is_dropped_leaves_its_worker_alive() {
    let (world, desk) = (World::new(), Desk::new());
    let worker = world.worker(&desk).concurrency(1).start().await.unwrap();
    let run = world.client().start(Bomb { what: "cancelled".to_owned(), ..Bomb::default() }).await.unwrap();
    pass(HEARTBEAT).await;
    assert!(run.cancel().await.unwrap());
    let runs = world.start(1).await;
    desk.let_go(1);
    world.ended(&runs).await;
    worker.shutdown().await.unwrap();
}

/// At the end of a shutdown there is nobody left whom that could harm.
#[tokio::test(start_paused = true)]
async fn a_service_that_panics_when_it_is_dropped_spoils_no_shutdown() {
    let (world, desk) = (World::new(), Desk::new());
    let worker = world.worker(&desk).service(LIT).start().await.unwrap();
    let run = world.start(1).await.remove(0);
    desk.let_go(1);
    assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
    worker.shutdown().await.unwrap();
    let after = world.worker(&desk).start().await.unwrap();
    let runs = world.start(1).await;
    desk.let_go(1);
    world.ended(&runs).await;
    after.shutdown().await.unwrap();
}
