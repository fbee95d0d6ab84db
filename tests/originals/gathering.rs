//! Fan-ins: which contexts meet, and what goes on.

use std::sync::{Arc, Mutex};

use fantasm::{Page, continuation, fsm_action, pages, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, Gathering,
        gathering::{Context, Contexts, Gather, Left, Right, Split},
    },
    run::{ended, expect, visits},
};

/// What each split is to do, and the numbers of each batch.
#[derive(Clone)]
pub(crate) struct Plan {
    split: Split,
    contexts: Vec<Gathering>,
    does_halt: bool,
    n_failures: u32,
    batches: Arc<Mutex<Vec<Vec<i64>>>>,
}

impl Plan {
    fn new(split: Split, contexts: Vec<Gathering>) -> Self {
        Self { split, contexts, does_halt: false, n_failures: 0, batches: Arc::default() }
    }

    fn batches(&self) -> Vec<Vec<i64>> {
        let mut batches = self.batches.lock().unwrap().clone();
        batches.sort();
        batches
    }
}

fn numbered(number: i64, group: impl Into<serde_json::Value>) -> Gathering {
    Gathering { number, group: group.into(), n_gathered: 0 }
}

#[fsm_action]
pub(crate) async fn split(cx: &mut Context, plan: &Plan) -> Split {
    let mut contexts = plan.contexts.iter().cloned();
    **cx = contexts.next().unwrap_or_default();
    contexts.for_each(|context| cx.fork(context));
    plan.split
}

#[fsm_action]
pub(crate) async fn left(cx: &mut Context) -> Left {
    if cx.number % 2 == 0 { Left::Gather } else { Left::Away }
}

#[fsm_action]
pub(crate) async fn right(_: &mut Context) -> Right {
    Right::Gather
}

#[fsm_action]
pub(crate) async fn gather(cx: &mut Context, batch: Contexts, plan: &Plan) -> fantasm::Result<Gather> {
    plan.batches.lock().unwrap().push(batch.iter().map(|one| one.number).collect());
    if plan.does_halt {
        return Err(fantasm::Error::halt("enough of this"));
    }
    if cx.attempt() <= plan.n_failures {
        return Err(fantasm::Error::retryable("not yet"));
    }
    cx.n_gathered = i64::try_from(batch.len())?;
    cx.log().info(format_args!("{} came", batch.len()));
    Ok(Gather::Gathered)
}

/// Two more branches for each batch.
#[continuation(done)]
async fn two(_: &Context, token: Option<u64>) -> Page<u64, u64> {
    pages::range(0..2, token, 1)
}

#[fsm_action]
pub(crate) async fn done(_: &mut Context, _page: Page<u64, u64>) {}

on_every_store! {
    two_ways_into_a_fan_in_are_two_batches
    groups_part_contexts_and_those_without_one_meet
    a_batch_has_no_upper_limit
    the_first_context_goes_on_as_one_branch
    a_batch_goes_away_with_the_step_of_its_fan_in
    what_a_fan_in_logs_is_kept
    a_halt_in_a_fan_in_takes_its_packages_away
    a_fan_in_that_fails_gets_the_same_contexts_again
}

async fn two_ways_into_a_fan_in_are_two_batches(world: World) {
    let plan = Plan::new(Split::Left, (0..6).map(|number| numbered(number, ())).collect());
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert_eq!(plan.batches(), [[0, 2, 4], [1, 3, 5]]);
    assert_eq!(visits(&run).await, expect([("Split", 1), ("Left", 6), ("Right", 3), ("Gather", 2), ("Done", 4)]));
}

async fn groups_part_contexts_and_those_without_one_meet(world: World) {
    let contexts = vec![
        numbered(1, "gold"),
        numbered(2, ()),
        numbered(3, "silver"),
        numbered(4, "gold"),
        numbered(5, ()),
        numbered(6, 0),
        numbered(7, ""),
    ];
    let plan = Plan::new(Split::Straight, contexts);
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert_eq!(plan.batches(), [vec![1, 4], vec![2, 5], vec![3], vec![6], vec![7]], "zero and nothing are groups too");
}

async fn a_batch_has_no_upper_limit(world: World) {
    let plan = Plan::new(Split::Straight, (0..1234).map(|number| numbered(number, ())).collect());
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert_eq!(plan.batches(), [(0..1234).collect::<Vec<_>>()], "in the order in which they joined");
}

async fn the_first_context_goes_on_as_one_branch(world: World) {
    let plan = Plan::new(Split::Straight, vec![numbered(9, ()), numbered(1, ()), numbered(5, ())]);
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = ended(&run).await.unwrap();
    let data: Gathering = instance.data().unwrap();
    assert_eq!((data.number, data.n_gathered), (9, 3));
    assert_eq!(visits(&run).await, expect([("Split", 1), ("Gather", 1), ("Done", 2)]));
    assert_eq!(instance.ended_at.unwrap().duration_since(instance.created_at).as_secs(), 3);
    world.backend.assert_no_work_left();
}

/// Not only with its instance, which goes on.
async fn a_batch_goes_away_with_the_step_of_its_fan_in(world: World) {
    let plan = Plan::new(Split::Straight, vec![numbered(1, ()), numbered(2, ())]);
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    while plan.batches().is_empty() {
        assert!(worker.step().await.unwrap());
    }
    assert_eq!(run.inspect().await.unwrap().status, InstanceStatus::Active);
    world.backend.assert_no_batch_left();
}

async fn a_halt_in_a_fan_in_takes_its_packages_away(world: World) {
    let contexts = vec![numbered(1, "gold"), numbered(2, "silver")];
    let plan = Plan { does_halt: true, ..Plan::new(Split::Straight, contexts) };
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&run).await.unwrap().status, InstanceStatus::Halted);
    assert_eq!(plan.batches().len(), 1, "the other one is not gathered any more");
    world.backend.assert_no_work_left();
}

async fn what_a_fan_in_logs_is_kept(world: World) {
    let plan = Plan::new(Split::Straight, vec![numbered(1, ()), numbered(2, ())]);
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let log = run.log().await.unwrap();
    let lines: Vec<_> = log.iter().map(|entry| (entry.state.as_deref(), entry.line.message.as_str())).collect();
    assert_eq!(lines, [(Some("Gather"), "2 came")]);
}

async fn a_fan_in_that_fails_gets_the_same_contexts_again(world: World) {
    let contexts = vec![numbered(3, ()), numbered(1, ()), numbered(2, ())];
    let plan = Plan { n_failures: 2, ..Plan::new(Split::Straight, contexts) };
    let mut worker = world.worker(machines::all()).service(plan.clone());
    let run = worker.client().start(Gathering::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&run).await.unwrap().data::<Gathering>().unwrap().n_gathered, 3);
    assert_eq!(plan.batches(), [[3, 1, 2]; 3]);
    assert_eq!(visits(&run).await, expect([("Split", 1), ("Gather", 1), ("Done", 2)]));
    world.backend.assert_no_work_left();
}
