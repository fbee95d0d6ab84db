//! Whole machines in one call.

use fantasm::{Immediate, LogLevel, RunError, WorkerError, store::InstanceStatus};

use crate::machines::{self, Fragile, Parent, Tally};

/// Windows of ten minutes, countdowns, pages a minute apart: none of it is waited for.
#[tokio::test]
async fn a_whole_machine_is_run_in_one_call() {
    let ended = Immediate::new(machines::all()).run(Tally::default()).await.unwrap();
    assert_eq!(ended.instance.status, InstanceStatus::Finished);
    assert_eq!(ended.context.sum, 10 * (1..=3).flat_map(|a| (1..=3).map(move |b| 100 * a + b)).sum::<i64>());
    let seconds = ended.instance.ended_at.unwrap().duration_since(ended.instance.created_at).as_secs();
    assert!(seconds > 120, "time passes on the run's own clock");
}

#[tokio::test]
async fn what_actions_say_comes_back_with_the_context() {
    let immediate = Immediate::new(machines::all());
    for (how, messages) in [("", vec!["attempt 1"]), ("panic once", vec!["attempt 1", "attempt 2"])] {
        let ended = immediate.run(Fragile { how: how.to_owned(), cause: String::new() }).await.unwrap();
        assert_eq!(ended.context.how, "tried");
        let said: Vec<_> = ended.log.iter().map(|entry| entry.line.message.as_str()).collect();
        assert_eq!(said, messages);
        assert!(ended.log.iter().all(|entry| entry.line.level == LogLevel::Info));
    }
}

/// They would be lost with the store otherwise.
#[tokio::test]
async fn spawned_instances_are_run_too() {
    let immediate = Immediate::new(machines::all());
    // Five tasks of its own, and two of each of three children.
    let ended = immediate.clone().max_steps(11).run(Parent { children: 2 }).await.unwrap();
    assert_eq!((ended.instance.status, ended.context.children), (InstanceStatus::Finished, 2));
    let error = immediate.max_steps(10).run(Parent { children: 2 }).await.unwrap_err();
    assert!(matches!(error, RunError::TooManySteps { limit: 10, .. }), "{error}");
}

#[tokio::test]
async fn a_failure_and_a_halt_are_told_as_by_a_worker() {
    let immediate = Immediate::new(machines::all());
    let failed = immediate.run(Fragile { how: String::new(), cause: "restless".to_owned() }).await;
    let error = failed.unwrap_err().to_string();
    assert!(error.contains("of machine `Fragile` failed: no rest (state `Rest`, attempt 1)"), "{error}");
    let halted = immediate.run(Fragile { how: "halt".to_owned(), cause: String::new() }).await.unwrap();
    let reason = halted.instance.reason.as_deref();
    assert_eq!((halted.instance.status, reason), (InstanceStatus::Halted, Some("nobody asked")));
}

#[tokio::test]
async fn a_machine_that_does_not_end_is_given_up() {
    let immediate = Immediate::new(machines::all()).max_steps(5);
    let error = immediate.run(Tally::default()).await.unwrap_err();
    assert!(matches!(error, RunError::TooManySteps { limit: 5, error: None }), "{error}");
    let error = Immediate::new(machines::all()).max_steps(1).run(Parent { children: 0 }).await.unwrap_err();
    let message = "the run did not end within 1 steps (its last error: not yet); raise the limit with `.max_steps(…)` if it \
                   needs more";
    assert_eq!(error.to_string(), message);
}

#[tokio::test]
async fn what_is_missing_is_told_before_anything_runs() {
    let none = Immediate::new(&[]).run(Tally::default()).await.unwrap_err();
    assert!(matches!(none, RunError::NotRunnable(WorkerError::NoMachines)), "{none}");
    let tally = std::slice::from_ref(&machines::all()[0]);
    let other = Immediate::new(tally).run(Parent::default()).await.unwrap_err();
    assert!(matches!(other, RunError::NotRunnable(WorkerError::MissingMachine("Parent"))), "{other}");
}
