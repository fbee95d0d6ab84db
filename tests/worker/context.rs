//! Contexts that cannot be stored: the step fails with that error, and nothing else is lost.

use fantasm::{RunError, StartError};

use crate::{
    job::{Act, Desk},
    machines::Job,
    world::World,
};

#[tokio::test(start_paused = true)]
async fn a_context_that_cannot_be_stored_fails_its_step_alone() {
    let table = [
        (Act::Overfill, "the context has 262178 bytes of JSON, the limit is 262144: keep large data elsewhere"),
        (Act::Spoil, "the context has a float that JSON cannot write: `ratio` is NaN"),
    ];
    for (act, message) in table {
        let (world, desk) = (World::new(), Desk::scripted(move |number, _| if number == 2 { act } else { Act::Work }));
        let mut runs = world.start(3).await;
        let worker = world.worker(&desk).start().await.unwrap();
        desk.let_go(2);
        let failed = match runs.remove(1).finished().await {
            Err(RunError::Failed(instance)) => instance,
            other => panic!("{act:?}: {other:?}"),
        };
        let [task] = failed.failed.as_slice() else { panic!("{act:?}: {failed:?}") };
        assert!(task.error.starts_with(message), "{act:?}: {}", task.error);
        assert_eq!(task.attempts, 1, "{act:?}: trying again would not help");
        assert_eq!(task.context, r#"{"number":2,"note":"","ratio":0.0}"#, "{act:?}: the context is the one before");
        for run in runs {
            run.finished().await.unwrap();
        }
        worker.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_context_that_cannot_be_stored_starts_nothing() {
    let world = World::new();
    let contexts = [
        Job { note: "x".repeat(fantasm::MAX_CONTEXT_BYTES), ..Job::default() },
        Job { ratio: f64::NAN, ..Job::default() },
    ];
    for context in contexts {
        let client = world.client();
        let started = client.start(context).key("key").await;
        assert!(matches!(started, Err(StartError::Context(_))), "{started:?}");
        assert!(client.find::<Job>("key").await.unwrap().is_none());
    }
}
