//! Actions that several states share, with events of their own.

#![deny(warnings, reason = "no event counts as never emitted")]

use std::sync::Arc;

use fantasm::{
    Context, Event, Machine, fsm_action,
    store::MemoryStore,
    testing::{ManualClock, StepWorker},
};
use machines::Two;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/listed/fantasm.rs"));
}

#[fsm_action(emits("failed", "tidy-now"))]
pub(super) async fn tidy<M: Machine>(cx: &mut Context<M>) -> std::io::Result<Tidy> {
    Ok(if cx.attempt() > 1 { Tidy::Failed } else { Tidy::TidyNow })
}

#[fsm_action(emits("404"))]
pub(super) async fn perhaps<M: Machine>(cx: &mut Context<M>) -> fantasm::Result<Option<Perhaps>> {
    Ok((cx.attempt() > 1).then_some(Perhaps::_404))
}

#[test]
fn the_list_is_an_enum() {
    assert_eq!(Tidy::NAMES, ["failed", "tidy-now"]);
    assert_eq!((Tidy::TidyNow.name(), Tidy::STATE), ("tidy-now", "tidy"));
}

#[tokio::test]
async fn a_listed_event_selects_the_transition() {
    let clock = Arc::new(ManualClock::new());
    let mut worker = StepWorker::new(MemoryStore::with_clock(clock.clone()), clock).machines(machines::all());
    let run = worker.client().start(Two::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    run.finished().await.unwrap();
}
