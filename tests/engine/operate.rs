//! Operators' verbs on real machines.

use fantasm::RunError;
use fantasm_tests::{World, on_every_store};

use crate::machines::{self, Fragile, Tally};

on_every_store! {
    a_cancelled_instance_runs_no_further
    a_failed_instance_is_retried_from_where_it_failed
}

async fn a_cancelled_instance_runs_no_further(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Tally::default()).await.unwrap();
    for _ in 0..5 {
        assert!(worker.step().await.unwrap());
    }
    assert!(run.cancel().await.unwrap());
    assert!(!worker.step().await.unwrap());
    assert!(matches!(run.finished().await, Err(RunError::Cancelled(id)) if id == run.id()));
    assert_eq!(run.history().await.unwrap().len(), 5);
    assert!(!run.cancel().await.unwrap());
    world.backend.assert_no_work_left();
}

async fn a_failed_instance_is_retried_from_where_it_failed(world: World) {
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Fragile { how: String::new(), cause: "restless".to_owned() }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert!(matches!(run.finished().await, Err(RunError::Failed(_))));
    assert_eq!(run.retry().await.unwrap(), 1);
    worker.run_until_idle().await.unwrap();
    assert!(matches!(run.finished().await, Err(RunError::Failed(_))));
    let states: Vec<_> = run.history().await.unwrap().iter().map(|step| step.hop.to().map(str::to_owned)).collect();
    assert_eq!(states, ["Try", "Rest", "Rest"].map(|state| Some(state.to_owned())), "the first state is not run again");
    assert!(run.cancel().await.is_ok_and(|was_active| !was_active));
}
