//! Retries, and tasks that were given up.

use std::time::Duration;

use super::{
    Outcome,
    world::{World, context, delayed, hop},
};
use crate::{
    clock::Clock,
    store::{FailedTask, InstanceStatus, NewTask, Verdict},
};

/// Exactly, counted from the commit.
pub async fn a_retry_is_due_after_its_delay(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let delay = Duration::from_secs(3);
    world.clock.advance(Duration::from_secs(1));
    world.store.commit(claim.lease, Verdict::Retry { delay, error: "again".to_owned() }.into()).await?;
    world.clock.advance(delay - Duration::from_micros(1));
    assert_eq!(world.claim(claim.lease.worker).await?, []);
    world.clock.advance(Duration::from_micros(1));
    world.claim_one(claim.lease.worker).await?;
    Ok(())
}

/// Only its attempt grows: the context is the one it was made with, the age counts from its making.
pub async fn a_retried_task_stays_what_it_was(world: World) -> Outcome {
    let worker = world.worker().await?;
    let first = NewTask { hop: hop("A", "go", "B"), token: Some("7".to_owned()), ..delayed("first", 1) };
    world.start_with(None, first).await?;
    world.clock.advance(Duration::from_secs(1));
    let mut expected = world.claim_one(worker).await?;
    for _ in 0..3 {
        let retry = Verdict::Retry { delay: Duration::from_secs(1), error: "again".to_owned() };
        world.store.commit(expected.lease, retry.into()).await?;
        world.clock.advance(Duration::from_secs(1));
        let again = world.claim_one(worker).await?;
        expected.task.attempt += 1;
        expected.lease = again.lease;
        expected.at = world.clock.now();
        assert_eq!(again, expected);
        assert_eq!(world.instance(again.task.instance).await?.n_live, 1);
    }
    Ok(())
}

/// Whoever looks into it finds where it was going, with what, how often, and what went wrong.
pub async fn a_task_that_was_given_up_is_kept_with_its_error(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let retry = Verdict::Retry { delay: Duration::ZERO, error: "at first".to_owned() };
    world.store.commit(claim.lease, retry.into()).await?;
    let again = world.claim_one(claim.lease.worker).await?;
    world.store.commit(again.lease, Verdict::Fail { error: "at last".to_owned() }.into()).await?;
    let instance = world.instance(claim.task.instance).await?;
    assert_eq!(instance.status, InstanceStatus::Failed);
    let kept = FailedTask {
        id: claim.task.id,
        hop: claim.task.hop,
        context: context("first"),
        attempts: 2,
        error: "at last".to_owned(),
    };
    assert_eq!(instance.failed, [kept]);
    world.clock.advance(Duration::from_secs(3600));
    let later = world.worker().await?;
    assert_eq!(world.claim(later).await?, [], "a task that was given up is not run again");
    Ok(())
}

/// The first to be made comes first, so that the first cause tends to.
pub async fn failures_are_told_oldest_first(world: World) -> Outcome {
    let mut branches = world.branches(3).await?;
    branches.sort_by_key(|branch| branch.task.id);
    for branch in branches.iter().rev() {
        world.store.commit(branch.lease, Verdict::Fail { error: branch.task.context.clone() }.into()).await?;
    }
    let failed = world.instance(branches[0].task.instance).await?.failed;
    let errors: Vec<&String> = failed.iter().map(|task| &task.error).collect();
    assert_eq!(errors, branches.iter().map(|branch| &branch.task.context).collect::<Vec<_>>());
    Ok(())
}
