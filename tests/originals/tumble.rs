//! A failure that another state makes good, page by page.

use std::sync::{Arc, Mutex};

use fantasm::{Page, RunError, continuation, fsm_action, pages, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, Tumble,
        tumble::{Context, Contexts, Mend, Try},
    },
    run::{ended, expect, visits},
};

/// Who makes good, as far as there is anybody, and what the joins were handed.
#[derive(Clone, Default)]
pub(crate) struct Nurse {
    is_away: bool,
    batches: Arc<Mutex<Vec<Vec<String>>>>,
}

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
pub(crate) async fn mend(cx: &mut Context, page: Page<u64, u64>, nurse: &Nurse) -> fantasm::Result<Mend> {
    if nurse.is_away && page[0] == 1 {
        return Err(fantasm::Error::permanent("nobody is there"));
    }
    let cause = cx.cause().unwrap_or("nothing").to_owned();
    cx.causes.push(format!("{}: {cause}", page[0]));
    Ok(Mend::Mended)
}

#[fsm_action]
pub(crate) async fn rest(cx: &mut Context, batch: Contexts, nurse: &Nurse) {
    cx.causes = batch.iter().flat_map(|page| page.causes.clone()).collect();
    cx.causes.sort();
    nurse.batches.lock().unwrap().push(cx.causes.clone());
}

on_every_store! {
    a_state_that_failed_is_not_left_by_its_exit
    a_join_of_all_has_the_branch_that_was_retried
}

async fn a_state_that_failed_is_not_left_by_its_exit(world: World) {
    let mut worker = world.worker(machines::all()).service(Nurse::default());
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

/// The join has waited for the branch that failed, and runs once.
async fn a_join_of_all_has_the_branch_that_was_retried(world: World) {
    let nurse = Nurse { is_away: true, ..Nurse::default() };
    let mut worker = world.worker(machines::all()).service(nurse.clone());
    let run = worker.client().start(Tumble::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let Err(RunError::Failed(instance)) = ended(&run).await else { panic!("a page was not made good") };
    assert_eq!(instance.failed.len(), 1);
    let mut worker = world.worker(machines::all()).service(Nurse { is_away: false, ..nurse.clone() });
    assert_eq!(run.retry().await.unwrap(), 1);
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert_eq!(*nurse.batches.lock().unwrap(), [["0: it fell", "1: it fell"]]);
    assert_eq!(visits(&run).await, expect([("Try", 1), ("Mend", 2), ("Rest", 1)]));
    world.backend.assert_no_work_left();
}
