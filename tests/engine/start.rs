//! What a start may ask for, and what travels with an instance.

use std::time::Duration;

use fantasm::{
    ContextError, RetryError, StartError, fsm_action,
    store::{InstanceStatus, Step},
};
use fantasm_tests::{World, on_every_store};

use crate::machines::{
    self, Errand, Fragile,
    errand::{Context, Go},
};

/// Takes the headers' word for its own.
#[fsm_action]
pub(crate) async fn go(cx: &mut Context) -> fantasm::Result<Go> {
    cx.trace = cx.header("trace").unwrap_or_default().to_owned();
    if !cx.is_child {
        cx.spawn(&Errand { is_child: true, ..Errand::default() }).key("child");
    }
    Ok(Go::Gone)
}

on_every_store! {
    headers_are_read_by_actions_and_inherited
    a_start_may_choose_the_queue
    a_start_may_insist_on_being_the_first
    several_contexts_start_several_instances
    several_starts_say_each_its_own
    names_that_are_empty_are_refused
    a_paused_instance_waits_and_others_go_on
    a_failed_instance_goes_on_in_another_state
    only_a_state_that_can_be_entered_is_retried_in
    only_a_state_of_its_own_machine_is_retried_in
}

async fn headers_are_read_by_actions_and_inherited(world: World) {
    let mut worker = world.worker(machines::all());
    let client = worker.client();
    let run = client.start(Errand::default()).header("trace", "7").header("tenant", "blue").await.unwrap();
    worker.run_until_idle().await.unwrap();
    let child = client.find::<Errand>("child").await.unwrap().unwrap();
    for run in [run, child] {
        let instance = run.finished().await.unwrap();
        assert_eq!(instance.data::<Errand>().unwrap().trace, "7");
        assert_eq!(instance.headers.iter().collect::<Vec<_>>(), [("tenant", "blue"), ("trace", "7")]);
    }
}

async fn a_start_may_choose_the_queue(world: World) {
    let mut worker = world.worker(machines::all());
    let client = worker.client();
    client.pause("night").await.unwrap();
    let run = client.start(Errand::default()).queue("night").await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(run.history().await.unwrap(), [], "nothing is claimed from there");
    client.resume("night").await.unwrap();
    assert!(worker.step().await.unwrap());
    client.pause("night").await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(run.history().await.unwrap().len(), 1, "what follows is in that queue too");
}

async fn a_start_may_insist_on_being_the_first(world: World) {
    let client = world.worker(machines::all()).client();
    let start = || client.start(Errand::default()).key("once").new_only();
    let first = start().await.unwrap();
    let again = start().await.err();
    assert!(
        matches!(&again, Some(StartError::Exists { machine: "Errand", key, id }) if key == "once" && *id == first.id()),
        "{again:?}"
    );
}

async fn several_contexts_start_several_instances(world: World) {
    let mut worker = world.worker(machines::all());
    let contexts = (0..3).map(|n| Errand { trace: n.to_string(), is_child: true });
    let runs = worker.client().start_all(contexts).await.unwrap();
    let traces = async |runs: &[fantasm::Run]| {
        let mut traces = Vec::new();
        for run in runs {
            traces.push(run.inspect().await.unwrap().data::<Errand>().unwrap().trace);
        }
        traces
    };
    assert_eq!(traces(&runs).await, ["0", "1", "2"]);
    worker.run_until_idle().await.unwrap();
    assert_eq!(runs[2].finished().await.unwrap().status, InstanceStatus::Finished);
    assert!(worker.client().start_all(Vec::<Errand>::new()).await.unwrap().is_empty());
}

/// All or none, whatever each has to say.
async fn several_starts_say_each_its_own(world: World) {
    let mut worker = world.worker(machines::all());
    let client = worker.client();
    let errand = || Errand { is_child: true, ..Errand::default() };
    let known = client.start(errand()).key("1").await.unwrap();
    let start = |n: u64| {
        let delay = Duration::from_secs(60 * n);
        client.start(errand()).key(n.to_string()).header("trace", n.to_string()).queue(format!("q{n}")).delay(delay)
    };
    let runs = client.start_all((0..3).map(start)).await.unwrap();
    assert_eq!(runs[1].id(), known.id());
    worker.run_until_idle().await.unwrap();
    for (run, trace, minutes) in [(&runs[0], "0", 0), (&runs[1], "", 0), (&runs[2], "2", 2)] {
        let ended = run.finished().await.unwrap();
        assert_eq!(ended.data::<Errand>().unwrap().trace, trace);
        assert_eq!(ended.ended_at.unwrap().duration_since(ended.created_at).as_secs(), 60 * minutes);
    }
    let refused = client.start_all([start(7), start(8).queue("")]).await;
    assert!(matches!(refused, Err(StartError::Context(ContextError::Empty(_)))), "{refused:?}");
    assert!(client.find::<Errand>("7").await.unwrap().is_none(), "all or none");
    let refused = client.start_all([start(9), start(1).new_only()]).await;
    assert!(
        matches!(&refused, Err(StartError::Exists { key, id, .. }) if key == "1" && *id == known.id()),
        "{refused:?}"
    );
    assert!(client.find::<Errand>("9").await.unwrap().is_some(), "the others are started all the same");
}

async fn names_that_are_empty_are_refused(world: World) {
    let client = world.worker(machines::all()).client();
    let start = || client.start(Errand::default());
    let table = [
        (start().key(""), "instance's key"),
        (start().queue(""), "queue's name"),
        (start().header("", "x"), "name of a header"),
    ];
    for (start, what) in table {
        let Err(StartError::Context(error)) = start.await else { panic!("the {what} is empty") };
        assert_eq!(error.to_string(), format!("the {what} is empty: name one, or leave it out"));
    }
}

async fn a_paused_instance_waits_and_others_go_on(world: World) {
    let mut worker = world.worker(machines::all());
    let runs =
        worker.client().start_all([(); 2].map(|()| Errand { is_child: true, ..Errand::default() })).await.unwrap();
    assert!(runs[0].pause().await.unwrap());
    worker.run_until_idle().await.unwrap();
    assert_eq!(runs[1].finished().await.unwrap().status, InstanceStatus::Finished);
    assert!(runs[0].inspect().await.unwrap().is_paused);
    assert!(runs[0].resume().await.unwrap());
    worker.run_until_idle().await.unwrap();
    assert_eq!(runs[0].finished().await.unwrap().status, InstanceStatus::Finished);
    assert!(!runs[0].pause().await.unwrap(), "it has ended");
}

async fn a_failed_instance_goes_on_in_another_state(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Fragile { how: String::new(), cause: "restless".to_owned() }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(run.inspect().await.unwrap().status, InstanceStatus::Failed);
    assert_eq!(run.retry_from::<Fragile>("Mend").await.unwrap(), 1);
    worker.run_until_idle().await.unwrap();
    assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
    let states = |steps: &[Step]| steps.iter().map(|step| step.hop.to().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(states(&run.history().await.unwrap()), ["Try", "Rest", "Mend"]);
}

async fn only_a_state_that_can_be_entered_is_retried_in(world: World) {
    let client = world.worker(machines::all()).client();
    let run = client.start(Errand::default()).await.unwrap();
    let refused = run.retry_from::<Errand>("Elsewhere").await.err();
    assert!(matches!(&refused, Some(RetryError::State { machine: "Errand", state }) if state == "Elsewhere"));
    let refused = run.retry_from::<Errand>("Gather").await.err();
    assert!(matches!(&refused, Some(RetryError::FanIn { machine: "Errand", state: "Gather" })), "{refused:?}");
    assert_eq!(run.retry_from::<Errand>("Go").await.unwrap(), 0, "nothing has failed");
}

async fn only_a_state_of_its_own_machine_is_retried_in(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Fragile { how: String::new(), cause: "restless".to_owned() }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let refused = run.retry_from::<Errand>("Go").await.err();
    assert!(matches!(refused, Some(RetryError::Machine { machine: "Errand", id }) if id == run.id()), "{refused:?}");
    assert_eq!(run.inspect().await.unwrap().status, InstanceStatus::Failed, "it can still be retried");
}
