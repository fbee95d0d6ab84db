//! A failure that another state makes good, page by page.

use fantasm::{Page, continuation, fsm_action, pages, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, Tumble,
        tumble::{Context, Contexts, Mend, Try},
    },
    run::{expect, visits},
};

#[fsm_action]
pub(crate) async fn attempt(cx: &mut Context) -> fantasm::Result<Try> {
    if cx.causes.is_empty() { Err(fantasm::Error::permanent("it fell")) } else { Ok(Try::Tried) }
}

/// Would fail the task that makes good, and each of its retries.
#[fsm_action]
pub(crate) async fn leave(_: &mut Context) -> fantasm::Result<()> {
    Err(fantasm::Error::retryable("there is nothing to leave"))
}

#[continuation(mend)]
async fn two(_: &Context, token: Option<u64>) -> Page<u64, u64> {
    pages::range(0..2, token, 1)
}

#[fsm_action]
pub(crate) async fn mend(cx: &mut Context, page: Page<u64, u64>) -> Mend {
    let cause = cx.cause().unwrap_or("nothing").to_owned();
    cx.causes.push(format!("{}: {cause}", page[0]));
    Mend::Mended
}

#[fsm_action]
pub(crate) async fn rest(cx: &mut Context, batch: Contexts) {
    cx.causes = batch.iter().flat_map(|page| page.causes.clone()).collect();
    cx.causes.sort();
}

on_every_store! {
    a_state_that_failed_is_not_left_by_its_exit
}

async fn a_state_that_failed_is_not_left_by_its_exit(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Tumble::default()).await.unwrap();
    // A task that fails for ever would never let the worker come to rest.
    for _ in 0..4 {
        assert!(worker.step().await.unwrap());
    }
    let instance = run.inspect().await.unwrap();
    assert_eq!(instance.status, InstanceStatus::Finished);
    let tumble: Tumble = instance.data().unwrap();
    assert_eq!(tumble.causes, ["0: it fell", "1: it fell"], "every page knows the cause");
    assert_eq!(visits(&run).await, expect([("Try", 1), ("Mend", 2), ("Rest", 1)]));
    world.backend.assert_no_work_left();
}
