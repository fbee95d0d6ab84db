//! Continuations: from the first state on, one behind the other, and with failures among their pages.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use fantasm::{
    Page, RunError, continuation, fsm_action, pages,
    store::{InstanceStatus, StepVerdict},
};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, Chain,
        chain::{Context, Inner, Outer},
    },
    run::{ended, expect, visits},
};

/// What happens on the way, and the places that were counted.
#[derive(Clone, Default)]
pub(crate) struct Yard {
    fails_at: Option<u64>,
    halts_at: Option<u64>,
    counted: Arc<Mutex<Vec<(i64, i64, i64)>>>,
}

#[fsm_action]
pub(crate) async fn outer_entry(cx: &mut Context) {
    cx.entries += 1;
}

#[continuation(outer)]
async fn outer_pages(_: &Context, token: Option<u64>, yard: &Yard) -> fantasm::Result<Page<u64, u64>> {
    let page = pages::range(0..3, token, 1);
    if yard.halts_at == Some(page[0]) { Err(fantasm::Error::halt("no more")) } else { Ok(page) }
}

#[fsm_action]
pub(crate) async fn outer(cx: &mut Context, page: Page<u64, u64>, yard: &Yard) -> fantasm::Result<Outer> {
    cx.outer = i64::try_from(page[0])?;
    if yard.fails_at == Some(page[0]) { Err(fantasm::Error::retryable("broken")) } else { Ok(Outer::Outer) }
}

#[continuation(inner)]
async fn inner_pages(_: &Context, token: Option<u64>) -> Page<u64, u64> {
    pages::range(0..3, token, 1)
}

#[fsm_action]
pub(crate) async fn inner(cx: &mut Context, page: Page<u64, u64>) -> fantasm::Result<Inner> {
    cx.inner = i64::try_from(page[0])?;
    Ok(Inner::Inner)
}

#[fsm_action]
pub(crate) async fn count(cx: &mut Context, yard: &Yard) {
    yard.counted.lock().unwrap().push((cx.outer, cx.inner, cx.entries));
}

on_every_store! {
    two_continuations_multiply
    a_page_that_fails_does_not_stop_the_chain
    a_page_that_fails_once_is_not_continued_twice
    a_halt_in_a_continuation_ends_the_instance
}

/// Three pages of three pages are nine ends, and each page enters its state with the context that came.
async fn two_continuations_multiply(world: World) {
    let yard = Yard::default();
    let mut worker = world.worker(machines::all()).service(yard.clone());
    let run = worker.client().start(Chain::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&run).await.unwrap().status, InstanceStatus::Finished);
    let counted = yard.counted.lock().unwrap().clone();
    assert_eq!(counted.len(), 9);
    let places = (0..3).flat_map(|outer| (0..3).map(move |inner| (outer, inner, 1)));
    assert_eq!(counted.into_iter().collect::<BTreeSet<_>>(), places.collect());
    assert_eq!(visits(&run).await, expect([("Outer", 3), ("Inner", 9), ("Count", 9)]));
    world.backend.assert_no_work_left();
}

async fn a_page_that_fails_does_not_stop_the_chain(world: World) {
    let yard = Yard { fails_at: Some(1), ..Yard::default() };
    let mut worker = world.worker(machines::all()).service(yard.clone());
    let run = worker.client().start(Chain::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let Err(RunError::Failed(instance)) = ended(&run).await else { panic!("a page has failed") };
    assert_eq!((instance.failed.len(), instance.failed[0].error.as_str()), (1, "broken"));
    assert_eq!(visits(&run).await, expect([("Outer", 2), ("Inner", 6), ("Count", 6)]), "the pages after it went on");
}

/// The next page was made by the first attempt; the second one, which an operator asked for, does not make it again.
async fn a_page_that_fails_once_is_not_continued_twice(world: World) {
    let yard = Yard { fails_at: Some(0), ..Yard::default() };
    let mut worker = world.worker(machines::all()).service(yard.clone());
    let run = worker.client().start(Chain::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert!(matches!(ended(&run).await, Err(RunError::Failed(_))));
    let mut worker = world.worker(machines::all()).service(Yard { fails_at: None, ..yard });
    assert_eq!(run.retry().await.unwrap(), 1);
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert_eq!(visits(&run).await, expect([("Outer", 3), ("Inner", 9), ("Count", 9)]));
}

/// What earlier pages have led to goes away with the rest.
async fn a_halt_in_a_continuation_ends_the_instance(world: World) {
    let mut worker = world.worker(machines::all()).service(Yard { halts_at: Some(1), ..Yard::default() });
    let run = worker.client().start(Chain::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = ended(&run).await.unwrap();
    assert_eq!((instance.status, instance.reason.as_deref()), (InstanceStatus::Halted, Some("no more")));
    assert_eq!(run.history().await.unwrap().last().map(|step| step.verdict), Some(StepVerdict::Halt));
    world.backend.assert_no_work_left();
}
