//! What a start may ask for, and what travels with an instance.

use fantasm::{
    RetryError, StartError, fsm_action,
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
    for state in ["Elsewhere", "Gather"] {
        let refused = run.retry_from::<Errand>(state).await.err();
        assert!(matches!(&refused, Some(RetryError::State { machine: "Errand", state: named }) if named == state));
    }
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
