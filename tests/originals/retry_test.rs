//! Retries: how often, when, what is run again, and what an operator can do at the end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use fantasm::{Run, RunError, fsm_action, store::StepVerdict};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, RetryTest,
        retry_test::{Begin, Context},
    },
    run::ended,
};

/// Whether work succeeds, and how often each phase of its task was run.
#[derive(Clone, Default)]
pub(crate) struct Bench(Arc<State>);

#[derive(Default)]
struct State {
    is_mended: AtomicBool,
    n_phases: [AtomicU32; 4],
}

impl Bench {
    /// A phase runs: each changes the context, for the next to see.
    fn run(&self, phase: usize, cx: &mut Context) {
        assert_eq!(cx.n_changes, i64::try_from(phase).unwrap(), "what a failed attempt changed is gone");
        cx.n_changes += 1;
        self.0.n_phases[phase].fetch_add(1, Ordering::Relaxed);
    }

    fn n_phases(&self) -> [u32; 4] {
        self.0.n_phases.each_ref().map(|n| n.load(Ordering::Relaxed))
    }
}

#[fsm_action]
pub(crate) async fn begin(cx: &mut Context) -> Begin {
    if cx.is_aged { Begin::Aged } else { Begin::Limited }
}

#[fsm_action]
pub(crate) async fn leave(cx: &mut Context, bench: &Bench) {
    bench.run(0, cx);
}

#[fsm_action]
pub(crate) async fn go(cx: &mut Context, bench: &Bench) {
    bench.run(1, cx);
}

#[fsm_action]
pub(crate) async fn enter(cx: &mut Context, bench: &Bench) {
    bench.run(2, cx);
}

#[fsm_action]
pub(crate) async fn work(cx: &mut Context, bench: &Bench) -> fantasm::Result<()> {
    bench.run(3, cx);
    if bench.0.is_mended.load(Ordering::Relaxed) { Ok(()) } else { Err(fantasm::Error::retryable("broken")) }
}

on_every_store! {
    a_limit_ends_retries_and_an_operator_begins_them_anew
    both_limits_must_be_exceeded_to_end_retries
}

/// The seconds of the attempts at the second task since its first one.
async fn attempts(run: &Run) -> Vec<(i64, u32, StepVerdict)> {
    let history = run.history().await.unwrap();
    let start = history[1].started_at;
    let seconds = history[1..].iter().map(|step| (step.started_at.duration_since(start).as_secs(), step));
    seconds.map(|(seconds, step)| (seconds, step.attempt, step.verdict)).collect()
}

async fn a_limit_ends_retries_and_an_operator_begins_them_anew(world: World) {
    let bench = Bench::default();
    let mut worker = world.worker(machines::all()).service(bench.clone());
    let run = worker.client().start(RetryTest::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let Err(RunError::Failed(instance)) = ended(&run).await else { panic!("its work is broken") };
    assert_eq!((instance.failed.len(), instance.failed[0].attempts), (1, 6));
    assert_eq!(instance.failed[0].error, "broken");
    // Ten seconds, doubled twice, then growing by the same, a hundred at most.
    let mut expected = vec![
        (0, 1, StepVerdict::Retry),
        (10, 2, StepVerdict::Retry),
        (30, 3, StepVerdict::Retry),
        (70, 4, StepVerdict::Retry),
        (150, 5, StepVerdict::Retry),
        (250, 6, StepVerdict::Fail),
    ];
    assert_eq!(attempts(&run).await, expected);
    assert_eq!(bench.n_phases(), [6; 4], "all phases of the task are run again");

    bench.0.is_mended.store(true, Ordering::Relaxed);
    assert_eq!(run.retry().await.unwrap(), 1);
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&run).await.unwrap().data::<RetryTest>().unwrap().n_changes, 4);
    expected.push((250, 1, StepVerdict::Done));
    assert_eq!(attempts(&run).await, expected);
    world.backend.assert_no_work_left();
}

async fn both_limits_must_be_exceeded_to_end_retries(world: World) {
    let mut worker = world.worker(machines::all()).service(Bench::default());
    let run = worker.client().start(RetryTest { is_aged: true, n_changes: 0 }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert!(matches!(ended(&run).await, Err(RunError::Failed(_))));
    let expected = [
        (0, 1, StepVerdict::Retry),
        (20, 2, StepVerdict::Retry),
        (60, 3, StepVerdict::Retry),
        (140, 4, StepVerdict::Fail),
    ];
    assert_eq!(attempts(&run).await, expected, "one retry is over at once, sixty seconds are not");
}
