//! Spawned instances, and queues that user code chooses.

use std::time::Duration;

use fantasm::{ContextError, Page, StartError, continuation, fsm_action, pages, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::machines::{
    self, Fragile, Parent,
    parent::{Bear, Context, Pages, Wait},
};

const TOO_LONG_A_KEY: i64 = -2;
const TOO_LONG_A_QUEUE: i64 = -3;
const NO_QUEUE: i64 = -4;

/// Fails once after it has asked for children, who must not be born twice for that.
#[fsm_action]
pub(crate) async fn bear(cx: &mut Context) -> fantasm::Result<Option<Bear>> {
    for child in 0..cx.children {
        let key = format!("child {child} of {}", cx.instance());
        cx.spawn(&Fragile { how: key.clone(), cause: String::new() }).key(key).delay(Duration::from_secs(5));
    }
    match cx.children {
        TOO_LONG_A_KEY => _ = cx.spawn(&Fragile::default()).key("k".repeat(fantasm::MAX_NAME_BYTES + 1)),
        TOO_LONG_A_QUEUE => cx.set_queue("q".repeat(fantasm::MAX_NAME_BYTES + 1)),
        NO_QUEUE => cx.set_queue(""),
        _ => _ = cx.spawn(&Fragile::default()),
    }
    if cx.attempt() == 1 {
        return Err(fantasm::Error::retryable("not yet"));
    }
    if cx.children > NO_QUEUE && cx.children != TOO_LONG_A_QUEUE {
        cx.set_queue("chosen");
    }
    Ok(match cx.children {
        0 => None,
        1 => Some(Bear::Pages),
        _ => Some(Bear::More),
    })
}

/// Three children make it fork.
#[fsm_action]
pub(crate) async fn wait(cx: &mut Context) -> Wait {
    if cx.children == 3 {
        cx.fork(cx.data().clone());
    }
    Wait::Go
}

#[continuation(turn)]
async fn two_pages(cx: &Context, token: Option<u64>) -> fantasm::Result<Page<u64, u64>> {
    if cx.children < 0 {
        return Ok(Page::new(vec![1], Some(7)));
    }
    Ok(pages::range(0..2, token, 1))
}

#[fsm_action]
pub(crate) async fn turn(_: &mut Context, _page: Page<u64, u64>) -> Option<Pages> {
    None
}

on_every_store! {
    children_are_born_once_with_the_step
    a_chosen_queue_holds_for_all_that_follows
    a_page_that_names_itself_is_refused
    a_child_from_before_a_renaming_is_born_once
    what_is_too_long_for_an_index_is_refused
}

async fn children_are_born_once_with_the_step(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Parent { children: 2 }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let parent = run.finished().await.unwrap();
    for child in 0..2 {
        let key = format!("child {child} of {}", run.id());
        let child = worker.client().find::<Fragile>(&key).await.unwrap().expect("it was spawned");
        let child = child.finished().await.unwrap();
        assert_eq!((child.status, child.parent), (InstanceStatus::Finished, Some(parent.id)));
        assert_eq!(child.ended_at.unwrap().duration_since(child.created_at).as_secs(), 5);
    }
    // Parent, two children with keys, one without: no fifth.
    let next = fantasm::InstanceId(parent.id.0 + 4);
    assert!(worker.client().run(next).inspect().await.is_err());
    world.backend.assert_no_work_left();
}

/// The next task, the forks and all pages after it, although their transition names another queue, from which nothing is
/// claimed here.
async fn a_chosen_queue_holds_for_all_that_follows(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Parent { children: 3 }).await.unwrap();
    for queue in ["parents", "chosen", "hurried", "default"] {
        worker.client().pause(queue).await.unwrap();
    }
    worker.run_until_idle().await.unwrap();
    assert!(run.history().await.unwrap().is_empty(), "the first task is on the machine's queue");
    worker.client().resume("parents").await.unwrap();
    worker.run_until_idle().await.unwrap();
    worker.client().pause("parents").await.unwrap();
    assert_eq!(run.history().await.unwrap().len(), 2, "and the next on the chosen one");
    worker.client().resume("chosen").await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(worker.client().paused().await.unwrap(), ["default", "hurried", "parents"]);
    run.finished().await.unwrap();
    let states: Vec<_> = run.history().await.unwrap().iter().map(|step| step.hop.to().map(str::to_owned)).collect();
    let expected = ["Bear", "Bear", "Wait", "Pages", "Pages", "Pages", "Pages"].map(|state| Some(state.to_owned()));
    assert_eq!(states, expected);
}

async fn a_page_that_names_itself_is_refused(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Parent { children: -1 }).await.unwrap();
    for _ in 0..20 {
        worker.step().await.unwrap();
    }
    assert!(run.inspect().await.unwrap().status.is_ended(), "pages come for ever");
    let error = run.finished().await.unwrap_err().to_string();
    let expected = "failed: the page of token 7 names itself as the next one, so the pages would never end: answer the token \
                    of the page after it, or `None` when it is the last (state `Pages`, attempt 1)";
    assert!(error.contains(expected), "{error}");
}

/// A key is one of the machine, whatever its name was when the instance started that has it.
async fn a_child_from_before_a_renaming_is_born_once(world: World) {
    use fantasm::{
        TaskKey,
        store::{Hop, NewInstance, NewTask},
    };

    let mut worker = world.worker(machines::all());
    let parent = worker.client().start(Parent { children: 2 }).await.unwrap();
    let key = format!("child 0 of {}", parent.id());
    let context = r#"{"how": "", "cause": ""}"#;
    let first = NewTask::new(TaskKey::random(), Hop::Start { to: "Attempt".to_owned() }, "default", context);
    let before = NewInstance { key: Some(key.clone()), ..NewInstance::new("Brittle", context, first) };
    let store = world.backend.store();
    store.start(vec![before]).await.unwrap();
    worker.run_until_idle().await.unwrap();
    parent.finished().await.unwrap();
    assert_eq!(store.find("Fragile".to_owned(), key).await.unwrap(), None, "no second one");
    let other = format!("child 1 of {}", parent.id());
    assert!(store.find("Fragile".to_owned(), other).await.unwrap().is_some(), "what is new has the present name");
}

async fn what_is_too_long_for_an_index_is_refused(world: World) {
    let mut worker = world.worker(machines::all());
    for (children, what) in [(TOO_LONG_A_KEY, "instance's key"), (TOO_LONG_A_QUEUE, "queue's name")] {
        let run = worker.client().start(Parent { children }).await.unwrap();
        worker.run_until_idle().await.unwrap();
        let error = run.finished().await.unwrap_err().to_string();
        assert!(error.contains(&format!("failed: the {what} has 513 bytes, the limit is 512: ")), "{error}");
    }
    let run = worker.client().start(Parent { children: NO_QUEUE }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let error = run.finished().await.unwrap_err().to_string();
    assert!(error.contains("failed: the queue's name is empty: name one, or leave it out"), "{error}");
    let client = worker.client();
    let long = "x".repeat(fantasm::MAX_NAME_BYTES + 1);
    let start = || client.start(Parent::default());
    for refused in [start().key(&long), start().queue(&long), start().header("h", long.repeat(16))] {
        let Err(StartError::Context(error)) = refused.await else { panic!("it is too long") };
        assert!(matches!(error, ContextError::TooLong { .. }), "{error}");
    }
    let longest = &long[1..];
    start().key(longest).queue(longest).header("h", longest.repeat(15)).await.unwrap();
}
