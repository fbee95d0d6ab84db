//! Failures: states for them, time-outs, names from before, and what is kept of it all.

use std::{num::NonZeroU32, time::Duration};

use fantasm::{
    ErrorKind, LogLevel, RunError, WorkerId, fsm_action,
    store::{Claiming, InstanceStatus, StepVerdict},
};
use fantasm_tests::{World, on_every_store};

use crate::machines::{
    self, Fragile,
    fragile::{Context, Try},
};

#[fsm_action]
pub(crate) async fn attempt(cx: &mut Context) -> fantasm::Result<Try> {
    cx.log().info(format_args!("attempt {}", cx.attempt()));
    match cx.how.as_str() {
        "tagged" => {
            let log = cx.log().tagged("billing").tagged("customer 7");
            log.warning("no address");
            log.caused("not printed", fantasm::Error::retryable(Outer(std::io::Error::other("no paper"))).as_ref());
            Ok(Try::Tried)
        }
        "permanent" => Err(fantasm::Error::permanent("it cannot be done")),
        "halt" => Err(fantasm::Error::halt("nobody asked")),
        "halt at info" => Err(fantasm::Error::halt_at(LogLevel::Info, "nobody asked")),
        "halt quietly" => Err(fantasm::Error::halt_at(None, "nobody asked")),
        "halt without reason" => Err(fantasm::Error::halt("")),
        "panic once" if cx.attempt() == 1 => panic!("of all things"),
        "hang once" if cx.attempt() == 1 => std::future::pending().await,
        _ => {
            cx.how = "tried".to_owned();
            Ok(Try::Tried)
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the printer does not answer")]
struct Outer(#[source] std::io::Error);

/// Fails whatever comes, and has no state for that.
#[fsm_action]
pub(crate) async fn rest(cx: &mut Context) -> fantasm::Result<()> {
    if cx.cause == "restless" { Err(fantasm::Error::retryable("no rest")) } else { Ok(()) }
}

#[fsm_action]
pub(crate) async fn mend(cx: &mut Context) {
    cx.cause = cx.cause().unwrap_or_default().to_owned();
    cx.log().warning("mended");
}

on_every_store! {
    a_state_for_failures_takes_over
    a_task_without_such_a_state_is_kept
    a_halt_is_no_failure
    the_reason_of_a_halt_is_logged_at_its_level
    tags_and_causes_are_kept_with_a_line
    a_task_that_kills_its_workers_is_given_up
    old_names_are_understood
    a_key_from_before_a_renaming_starts_no_second_one
    what_failed_under_an_earlier_name_is_tried_as_it_is
}

async fn a_state_for_failures_takes_over(world: World) {
    let mut worker = world.worker(machines::all());
    let fragile = Fragile { how: "permanent".to_owned(), cause: String::new() };
    let run = worker.client().start(fragile).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = run.finished().await.unwrap();
    let data: Fragile = instance.data().unwrap();
    assert_eq!((data.how.as_str(), data.cause.as_str()), ("permanent", "it cannot be done"));
    let log: Vec<_> = run.log().await.unwrap().into_iter().map(|entry| (entry.state, entry.line)).collect();
    let lines: Vec<_> =
        log.iter().map(|(state, line)| (state.as_deref().unwrap(), line.level, line.message.as_str())).collect();
    assert_eq!(lines, [("Try", LogLevel::Info, "attempt 1"), ("Mend", LogLevel::Warning, "mended")]);
    world.backend.assert_no_work_left();
}

#[tokio::test]
async fn a_panic_and_a_hang_are_retried_in_memory() {
    a_panic_and_a_hang_are_retried(World::memory()).await;
}

#[tokio::test]
async fn a_panic_and_a_hang_are_retried_on_sqlite() {
    a_panic_and_a_hang_are_retried(World::sqlite().await).await;
}

/// Time is tokio's here, which stands still until nothing else is to be done: no server could answer in it.
async fn a_panic_and_a_hang_are_retried(world: World) {
    tokio::time::pause();
    for (how, error) in [
        ("panic once", "panicked: of all things"),
        ("hang once", "the attempt took longer than 30 seconds and was given up"),
    ] {
        let mut worker = world.worker(machines::all());
        let run = worker.client().start(Fragile { how: how.to_owned(), cause: String::new() }).await.unwrap();
        worker.run_until_idle().await.unwrap();
        assert_eq!(run.finished().await.unwrap().data::<Fragile>().unwrap().how, "tried");
        let steps = run.history().await.unwrap();
        let steps: Vec<_> = steps.iter().map(|step| (step.attempt, step.verdict, step.error.as_deref())).collect();
        let expected =
            [(1, StepVerdict::Retry, Some(error)), (2, StepVerdict::Done, None), (1, StepVerdict::Done, None)];
        assert_eq!(steps, expected, "{how}");
    }
}

async fn a_task_without_such_a_state_is_kept(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Fragile { how: String::new(), cause: "restless".to_owned() }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let error = run.finished().await.unwrap_err();
    let RunError::Failed(instance) = &error else { panic!("{error}") };
    assert_eq!(instance.failed.len(), 1);
    assert_eq!(
        error.to_string(),
        format!(
            "instance {} of machine `Fragile` failed: no rest (state `Rest`, attempt 1); `Run::retry` tries again what has failed",
            run.id()
        )
    );
}

async fn a_halt_is_no_failure(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Fragile { how: "halt".to_owned(), cause: String::new() }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = run.finished().await.unwrap();
    assert_eq!((instance.status, instance.reason.as_deref()), (InstanceStatus::Halted, Some("nobody asked")));
    assert_eq!(fantasm::Error::halt("x").kind(), ErrorKind::Halt);
}

async fn the_reason_of_a_halt_is_logged_at_its_level(world: World) {
    let mut worker = world.worker(machines::all());
    let table = [
        ("halt", "nobody asked", Some(LogLevel::Warning)),
        ("halt at info", "nobody asked", Some(LogLevel::Info)),
        ("halt quietly", "nobody asked", None),
        ("halt without reason", "", None),
    ];
    for (how, reason, level) in table {
        let run = worker.client().start(Fragile { how: how.to_owned(), cause: String::new() }).await.unwrap();
        worker.run_until_idle().await.unwrap();
        assert_eq!(run.finished().await.unwrap().reason.as_deref(), Some(reason), "{how}");
        let lines: Vec<_> = run.log().await.unwrap().into_iter().map(|entry| entry.line).collect();
        let lines: Vec<_> = lines.iter().map(|line| (line.level, line.message.as_str())).collect();
        let expected: Vec<_> = level.map(|level| (level, reason)).into_iter().collect();
        assert_eq!(lines[1..], expected, "{how}");
    }
}

async fn tags_and_causes_are_kept_with_a_line(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Fragile { how: "tagged".to_owned(), cause: String::new() }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let lines: Vec<_> = run.log().await.unwrap().into_iter().map(|entry| entry.line).collect();
    let told: Vec<_> =
        lines.iter().map(|line| (line.message.as_str(), line.tags.join("|"), line.causes.as_deref())).collect();
    let tags = || "billing|customer 7".to_owned();
    let causes = Some("the printer does not answer\nno paper");
    assert_eq!(
        told,
        [("attempt 1", String::new(), None), ("no address", tags(), None), ("not printed", tags(), causes)]
    );
}

/// Twenty times and not nineteen; its limits of retries do not come to it, because no attempt has an end.
async fn a_task_that_kills_its_workers_is_given_up(world: World) {
    for n_deaths in [19, 20] {
        let mut worker = world.worker(machines::all());
        let run = worker.client().start(Fragile::default()).await.unwrap();
        for _ in 0..n_deaths {
            let dying = WorkerId::random();
            let (store, lease) = (world.backend.store(), Duration::from_secs(10));
            store.register(dying, lease).await.unwrap();
            let claiming = Claiming { machines: vec!["Fragile".to_owned()], ..Claiming::new(dying, NonZeroU32::MIN) };
            assert_eq!(store.claim(claiming).await.unwrap().len(), 1);
            world.clock.advance(lease);
        }
        worker.run_until_idle().await.unwrap();
        let cause = run.finished().await.unwrap().data::<Fragile>().unwrap().cause;
        let is_given_up = cause.starts_with("the task was not run again: 20 workers in a row have died with it");
        assert_eq!(is_given_up, n_deaths == 20, "after {n_deaths}: {cause}");
    }
}

/// What an earlier program has stored, as it stored it.
async fn old_names_are_understood(world: World) {
    use fantasm::{
        TaskKey,
        store::{Hop, NewInstance, NewTask},
    };

    let context = r#"{"how": "", "cause": ""}"#;
    let task = |hop| NewTask::new(TaskKey::random(), hop, "default", context);
    let transition =
        |from: &str, event: &str, to: &str| Hop::Transition { from: from.into(), event: event.into(), to: to.into() };
    let hops = [Hop::Start { to: "Attempt".to_owned() }, transition("Attempt", "tried", "Rest")];
    for hop in hops {
        let instance = NewInstance::new("Brittle", context, task(hop));
        let id = world.backend.store().start(vec![instance]).await.unwrap()[0].id;
        let mut worker = world.worker(machines::all());
        worker.run_until_idle().await.unwrap();
        assert_eq!(worker.client().run(id).finished().await.unwrap().status, InstanceStatus::Finished);
    }
}

/// A key is one of the machine, whatever its name was when it started.
async fn a_key_from_before_a_renaming_starts_no_second_one(world: World) {
    use fantasm::{
        StartError, TaskKey,
        store::{Hop, NewInstance, NewTask},
    };

    let first = NewTask::new(TaskKey::random(), Hop::Start { to: "Attempt".to_owned() }, "default", "{}");
    let before = NewInstance { key: Some("once".to_owned()), ..NewInstance::new("Brittle", "{}", first) };
    let id = world.backend.store().start(vec![before]).await.unwrap()[0].id;
    let client = world.worker(machines::all()).client();
    let fragile = || client.start(Fragile { how: String::new(), cause: String::new() }).key("once");
    assert_eq!(fragile().await.unwrap().id(), id);
    assert_eq!(client.find::<Fragile>("once").await.unwrap().map(|run| run.id()), Some(id));
    match fragile().new_only().await {
        Err(StartError::Exists { machine: "Fragile", id: there, .. }) => assert_eq!(there, id),
        other => panic!("{other:?}"),
    }
}

/// What has failed in a state under its earlier name has failed in that very state.
async fn what_failed_under_an_earlier_name_is_tried_as_it_is(world: World) {
    use fantasm::{
        TaskKey,
        store::{Hop, NewInstance, NewTask},
    };

    let hop = Hop::Transition { from: "Attempt".into(), event: "tried".into(), to: "Nap".into() };
    let context = r#"{"how": "", "cause": "restless"}"#;
    let before = NewInstance::new("Brittle", context, NewTask::new(TaskKey::random(), hop.clone(), "default", context));
    let id = world.backend.store().start(vec![before]).await.unwrap()[0].id;
    let mut worker = world.worker(machines::all());
    let run = worker.client().run(id);
    for _ in 0..2 {
        worker.run_until_idle().await.unwrap();
        let failed = run.inspect().await.unwrap().failed;
        assert_eq!(failed.iter().map(|task| &task.hop).collect::<Vec<_>>(), [&hop], "it is not begun anew");
        assert_eq!(run.retry_from::<Fragile>("Rest").await.unwrap(), 1);
    }
}
