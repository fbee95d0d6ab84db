//! What the way to the next state says about its tasks, when pages come, and what is stored before they are worked on.

use std::{
    collections::BTreeSet,
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use fantasm::{
    Page, Run, RunError, TaskId, WorkerId, continuation, fsm_action,
    store::{Claiming, Step, StepVerdict, Store},
    testing::{CrashSweep, End, ManualClock, Scenario},
};
use fantasm_tests::{Backend, World, on_every_store};
use serde::{Deserialize, Serialize};

use crate::{
    machines::{
        self, Parade,
        parade::{Context, Contexts, Line, Pass},
    },
    run::ended,
};

const N_ROWS: i64 = 3;
const N_PLACES: i64 = 6;

/// Where the next page begins: a type of the program's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    number: i64,
    band: Option<String>,
}

/// Looks at the parade while it goes on.
#[derive(Clone)]
pub(crate) struct Marshal {
    store: Arc<dyn Store>,
    /// Nobody passes.
    is_closed: bool,
    /// For each row that lined up, the rows that had their task by then.
    stored: Arc<Mutex<Vec<usize>>>,
    tokens: Arc<Mutex<Vec<Option<Row>>>>,
}

impl Marshal {
    fn of(backend: &Backend) -> Self {
        Self { store: backend.store(), is_closed: false, stored: Arc::default(), tokens: Arc::default() }
    }
}

#[continuation(line_up)]
async fn rows(_: &Context, token: Option<Row>, marshal: &Marshal) -> Page<i64, Row> {
    marshal.tokens.lock().unwrap().push(token.clone());
    let number = token.map_or(1, |row| row.number);
    let next = Row { number: number + 1, band: (number % 2 == 0).then(|| "brass & \"drums\"".to_owned()) };
    Page::new(vec![number], Some(next).filter(|next| next.number <= N_ROWS))
}

#[fsm_action]
pub(crate) async fn line_up(cx: &mut Context, page: Page<i64, Row>, marshal: &Marshal) -> fantasm::Result<Line> {
    let tasks = marshal.store.tasks(TaskId(0), NonZeroU32::MAX).await?;
    marshal.stored.lock().unwrap().push(tasks.iter().filter(|task| task.has_token).count());
    cx.row = page[0];
    for place in 2..=N_PLACES {
        cx.fork(Parade { place, ..cx.data().clone() });
    }
    cx.place = 1;
    Ok(Line::March)
}

#[fsm_action]
pub(crate) async fn pass(_: &mut Context, marshal: &Marshal) -> fantasm::Result<Pass> {
    if marshal.is_closed { Err(fantasm::Error::retryable("the street is closed")) } else { Ok(Pass::Passed) }
}

#[fsm_action]
pub(crate) async fn stand(cx: &mut Context, all: Contexts) {
    let places: BTreeSet<_> = all.iter().map(|one| (one.row, one.place)).collect();
    assert_eq!(places.len(), all.len(), "nobody passes twice");
    cx.n_passed = i64::try_from(all.len()).unwrap();
}

on_every_store! {
    every_page_waits_but_the_first
    the_next_page_is_stored_before_the_action_runs
    a_token_may_be_a_struct
    each_fork_draws_a_countdown_of_its_own
    a_transition_gives_its_tasks_queue_target_and_retries
}

async fn every_page_waits_but_the_first(world: World) {
    let (run, _) = parade(&world).await;
    let began = run.inspect().await.unwrap().created_at;
    let seconds = |step: Step| step.started_at.duration_since(began).as_secs();
    let waited: Vec<_> = steps_into(&run, "Line").await.into_iter().map(seconds).collect();
    assert_eq!(waited, [0, 10, 20]);
}

/// Its task is there while the page before it is worked on.
async fn the_next_page_is_stored_before_the_action_runs(world: World) {
    let (_, marshal) = parade(&world).await;
    assert_eq!(*marshal.stored.lock().unwrap(), [1, 2, 1], "the first has no token, the last has no next");
}

async fn a_token_may_be_a_struct(world: World) {
    let (run, marshal) = parade(&world).await;
    let row = |number, band: Option<&str>| Some(Row { number, band: band.map(str::to_owned) });
    assert_eq!(*marshal.tokens.lock().unwrap(), [None, row(2, None), row(3, Some("brass & \"drums\""))]);
    let stored: Vec<_> = steps_into(&run, "Line").await.into_iter().map(|step| step.token).collect();
    let parsed: Vec<_> =
        stored.iter().map(|token| token.as_ref().map(|json| serde_json::from_str(json).unwrap())).collect();
    assert_eq!(parsed, *marshal.tokens.lock().unwrap());
    let instance = run.inspect().await.unwrap();
    let own = serde_json::to_string(&instance.data::<Parade>().unwrap()).unwrap();
    assert_eq!(instance.context, own, "there is no token in a context");
}

async fn each_fork_draws_a_countdown_of_its_own(world: World) {
    let (run, _) = parade(&world).await;
    let lined_up = steps_into(&run, "Line").await[0].ended_at;
    let marched = steps_into(&run, "Pass").await;
    assert_eq!(marched.len(), 18);
    let waited: BTreeSet<_> = marched.iter().map(|step| step.started_at.duration_since(lined_up).as_millis()).collect();
    assert!(waited.len() > 3, "of one page each waits by itself: {waited:?}");
    assert!(waited.iter().all(|wait| (5_000..=520_000).contains(wait)), "{waited:?}");
}

/// And not those of the machine, nor of the state that is left.
async fn a_transition_gives_its_tasks_queue_target_and_retries(world: World) {
    let marshal = Marshal { is_closed: true, ..Marshal::of(&world.backend) };
    let mut worker = world.worker(machines::all()).service(marshal.clone());
    let run = worker.client().start(Parade::default()).await.unwrap();
    assert!(worker.step().await.unwrap());
    world.clock.advance(Duration::from_secs(4));
    assert!(!worker.step_due().await.unwrap(), "nobody waits for less than five seconds");
    world.clock.advance(Duration::from_secs(500));
    let (store, other) = (world.backend.store(), WorkerId::random());
    store.register(other, Duration::from_secs(10)).await.unwrap();
    let labelled = |labels: &[&str]| Claiming {
        machines: vec!["Parade".to_owned()],
        labels: Some(labels.iter().map(|label| (*label).to_owned()).collect()),
        ..Claiming::new(other, NonZeroU32::MAX)
    };
    let claims = store.claim(labelled(&[])).await.unwrap();
    assert_eq!(claims.iter().map(|claim| claim.task.queue.as_str()).collect::<Vec<_>>(), ["yard"], "the next page");
    let claims = store.claim(labelled(&["drum"])).await.unwrap();
    assert_eq!(claims.len(), 6);
    assert!(
        claims
            .iter()
            .all(|claim| (claim.task.queue.as_str(), claim.task.target.as_deref()) == ("avenue", Some("drum")))
    );
    store.retire(other).await.unwrap();
    let mut worker = world.worker(machines::all()).service(marshal);
    worker.run_until_idle().await.unwrap();
    assert!(matches!(ended(&run).await, Err(RunError::Failed(_))));
    let steps = steps_into(&run, "Pass").await;
    let first = steps[0].task;
    let attempts: Vec<_> = steps.into_iter().filter(|step| step.task == first).collect();
    assert_eq!(attempts.iter().map(|step| step.verdict).collect::<Vec<_>>(), [StepVerdict::Retry, StepVerdict::Fail]);
    assert_eq!(attempts[1].started_at.duration_since(attempts[0].ended_at).as_secs(), 7);
}

/// With it the original takes a task that comes twice for two, save in fan-ins; here every step has effect once, wherever a
/// process dies.
#[tokio::test]
async fn a_machine_without_the_semaphore_runs_once_all_the_same() {
    let sweep = CrashSweep::new(async || {
        let clock = Arc::new(ManualClock::new());
        let backend = Backend::memory(clock.clone());
        let scenario = Scenario::new(backend.store(), clock, ()).machines(machines::all());
        Ok(scenario.service(Marshal::of(&backend)).start(Parade::default()))
    });
    let check = async |end: End<()>| {
        let n_passed = end.instance.data::<Parade>().unwrap().n_passed;
        let done =
            end.run.history().await.unwrap().into_iter().filter(|step| step.verdict == StepVerdict::Done).count();
        assert_eq!((n_passed, done), (18, 3 + 18 + 1), "{end}");
    };
    assert!(sweep.run(check).await.unwrap().n_calls > 22);
}

/// A parade that has gone by.
async fn parade(world: &World) -> (Run, Marshal) {
    let marshal = Marshal::of(&world.backend);
    let mut worker = world.worker(machines::all()).service(marshal.clone());
    let run = worker.client().start(Parade::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&run).await.unwrap().data::<Parade>().unwrap().n_passed, N_ROWS * N_PLACES);
    (run, marshal)
}

/// The attempts at the tasks that lead into a state, in their order.
async fn steps_into(run: &Run, state: &str) -> Vec<Step> {
    run.history().await.unwrap().into_iter().filter(|step| step.hop.to() == Some(state)).collect()
}
