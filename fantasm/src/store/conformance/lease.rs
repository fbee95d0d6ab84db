//! Leases: renewed, lost, given back; and the fence that refuses whoever lost one.

use std::time::Duration;

use super::{
    Outcome,
    world::{LEASE, World, claiming, context, package, task},
};
use crate::{
    clock::Clock,
    id::WorkerId,
    store::{Lease, StoreError, StoreErrorKind, StoreFuture, Verdict},
};

/// A live worker is never robbed, and a dead one not a moment later than promised.
pub async fn tasks_are_rescued_exactly_when_the_lease_ends(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(LEASE - Duration::from_micros(1));
    let other = world.worker().await?;
    assert_eq!(world.claim(other).await?, []);
    world.clock.advance(Duration::from_micros(1));
    assert_eq!(world.claim_one(other).await?.task.id, claim.task.id);
    Ok(())
}

/// One renewal speaks for all tasks of a worker, counted from its own moment.
pub async fn a_worker_that_renews_keeps_its_tasks(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(LEASE / 2);
    world.store.renew(claim.lease.worker, LEASE).await?;
    world.clock.advance(LEASE - Duration::from_micros(1));
    let other = world.worker().await?;
    assert_eq!(world.claim(other).await?, []);
    world.done(claim.lease, Vec::new()).await
}

/// Slow is not dead: what counts is whether somebody took the tasks.
pub async fn a_late_renewal_counts_unless_the_tasks_were_taken(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(LEASE * 2);
    world.store.renew(claim.lease.worker, LEASE).await?;
    let other = world.worker().await?;
    assert_eq!(world.claim(other).await?, []);
    world.done(claim.lease, Vec::new()).await
}

/// User code may have run, so the attempt counts; and nothing is to wait longer.
pub async fn a_rescued_task_is_due_at_once_and_its_attempt_counts(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(LEASE);
    let other = world.worker().await?;
    let again = world.claim_one(other).await?;
    assert_eq!((again.task.id, again.task.attempt), (claim.task.id, 2));
    assert!(again.lease.fence > claim.lease.fence);
    Ok(())
}

/// From one end of an attempt to the next: an error is one, and so is a retry by an operator.
pub async fn crashes_in_a_row_are_counted(world: World) -> Outcome {
    let claim = world.claimed().await?;
    assert_eq!(claim.task.n_crashes, 0);
    let mut last = claim;
    for n_crashes in 1..=3 {
        world.clock.advance(LEASE);
        last = world.claim_one(world.worker().await?).await?;
        assert_eq!(last.task.n_crashes, n_crashes);
    }
    world.store.release(last.lease, Duration::ZERO).await?;
    let again = world.claim_one(last.lease.worker).await?;
    assert_eq!(again.task.n_crashes, 3, "to be given back is no end");
    let retry = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
    world.store.commit(again.lease, retry.into()).await?;
    let again = world.claim_one(last.lease.worker).await?;
    assert_eq!((again.task.n_crashes, again.task.attempt), (0, 5));
    world.clock.advance(LEASE);
    let crashed = world.claim_one(world.worker().await?).await?;
    assert_eq!(crashed.task.n_crashes, 1);
    world.store.commit(crashed.lease, Verdict::Fail { error: "it kills".to_owned() }.into()).await?;
    world.store.retry(crashed.task.instance, None).await?;
    assert_eq!(world.claim_one(crashed.lease.worker).await?.task.n_crashes, 0);
    Ok(())
}

/// Only the silent worker loses its tasks.
pub async fn a_rescue_leaves_live_workers_alone(world: World) -> Outcome {
    let silent = world.claimed().await?;
    let live = world.claimed().await?;
    world.clock.advance(LEASE / 2);
    world.store.renew(live.lease.worker, LEASE).await?;
    world.clock.advance(LEASE / 2);
    let other = world.worker().await?;
    assert_eq!(world.claim_one(other).await?.task.id, silent.task.id);
    world.done(live.lease, Vec::new()).await
}

/// A worker must be registered, and not retired, to renew.
pub async fn an_unknown_worker_cannot_renew(world: World) -> Outcome {
    let retired = world.worker().await?;
    world.store.retire(retired).await?;
    for worker in [retired, WorkerId::random()] {
        refused("renew", world.store.renew(worker, LEASE).await);
    }
    Ok(())
}

/// So it learns that it lost its tasks, and comes back under a new identity.
pub async fn a_rescued_worker_cannot_renew(world: World) -> Outcome {
    let (silent, other) = (world.worker().await?, world.worker().await?);
    world.clock.advance(LEASE);
    world.store.renew(other, LEASE).await?;
    world.claim(other).await?;
    refused("renew", world.store.renew(silent, LEASE).await);
    world.store.renew(other, LEASE).await
}

/// Nothing waits for a lease to run out after a shutdown, and nothing was tried.
pub async fn retiring_gives_everything_back_uncounted(world: World) -> Outcome {
    let worker = world.worker().await?;
    for _ in 0..3 {
        world.start().await?;
    }
    let claims = world.claim(worker).await?;
    world.store.retire(worker).await?;
    let other = world.worker().await?;
    let again = world.claim(other).await?;
    let facts = |claims: &[crate::store::Claim]| {
        let mut facts: Vec<_> = claims.iter().map(|claim| (claim.task.id, claim.task.attempt)).collect();
        facts.sort();
        facts
    };
    assert_eq!(facts(&again), facts(&claims));
    world.store.retire(worker).await
}

/// A worker speaks for itself only.
pub async fn retiring_leaves_other_workers_alone(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let other = world.worker().await?;
    world.store.retire(other).await?;
    world.store.retire(WorkerId::random()).await?;
    world.done(claim.lease, Vec::new()).await
}

/// Exactly as long as asked, and the attempt was none.
pub async fn a_released_task_waits_and_is_not_counted(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let delay = Duration::from_secs(3);
    world.store.release(claim.lease, delay).await?;
    world.clock.advance(delay - Duration::from_micros(1));
    assert_eq!(world.claim(claim.lease.worker).await?, []);
    world.clock.advance(Duration::from_micros(1));
    let again = world.claim_one(claim.lease.worker).await?;
    assert_eq!((again.task.id, again.task.attempt), (claim.task.id, 1));
    assert!(again.lease.fence > claim.lease.fence);
    Ok(())
}

/// The task waits for its next worker.
pub async fn writes_are_refused_after_a_rescue(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(LEASE);
    let rescuer = world.worker().await?;
    let nothing = crate::store::Claiming { machines: Vec::new(), ..claiming(rescuer) };
    world.store.claim(nothing).await?;
    every_write_is_refused(&world, claim.lease).await
}

/// The task belongs to another worker.
pub async fn writes_are_refused_after_a_takeover(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(LEASE);
    let other = world.worker().await?;
    let taken = world.claim_one(other).await?;
    every_write_is_refused(&world, claim.lease).await?;
    world.done(taken.lease, Vec::new()).await
}

/// It is the claim that gives the right, not the worker's name.
pub async fn writes_are_refused_with_an_older_fence_of_the_same_worker(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.store.release(claim.lease, Duration::ZERO).await?;
    let again = world.claim_one(claim.lease.worker).await?;
    every_write_is_refused(&world, claim.lease).await?;
    world.done(again.lease, Vec::new()).await
}

/// A commit whose answer was lost is found out by repeating it.
pub async fn writes_are_refused_after_the_commit(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.done(claim.lease, vec![task("next").into()]).await?;
    every_write_is_refused(&world, claim.lease).await
}

/// The attempt has ended.
pub async fn writes_are_refused_after_a_retry(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let retry = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
    world.store.commit(claim.lease, retry.into()).await?;
    every_write_is_refused(&world, claim.lease).await
}

/// The task was given up, by its own worker.
pub async fn writes_are_refused_after_a_failure(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.store.commit(claim.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    every_write_is_refused(&world, claim.lease).await
}

/// The task was given back.
pub async fn writes_are_refused_after_a_release(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.store.release(claim.lease, Duration::ZERO).await?;
    every_write_is_refused(&world, claim.lease).await
}

/// All tasks were given back.
pub async fn writes_are_refused_after_retiring(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.store.retire(claim.lease.worker).await?;
    every_write_is_refused(&world, claim.lease).await
}

/// The instance has ended under the task.
pub async fn writes_are_refused_after_a_halt(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    world.store.commit(branches[0].lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await?;
    for branch in branches {
        every_write_is_refused(&world, branch.lease).await?;
    }
    Ok(())
}

/// A worker's right to one task says nothing about another.
pub async fn writes_are_refused_with_the_lease_of_another_task(world: World) -> Outcome {
    let (mine, theirs) = (world.claimed().await?, world.claimed().await?);
    let mixed = Lease { worker: mine.lease.worker, ..theirs.lease };
    every_write_is_refused(&world, mixed).await?;
    world.done(theirs.lease, Vec::new()).await
}

/// Tries all that takes a lease: each must be refused, and leave everything as it was.
async fn every_write_is_refused(world: &World, lease: Lease) -> Outcome {
    let observer = world.worker().await?;
    let before = observe(world, observer).await?;
    let store = &world.store;
    let error = || "late".to_owned();
    let next = vec![task("next").into(), package("next").into()];
    let writes: Vec<(&str, StoreFuture<'_, ()>)> = vec![
        ("commit of done", store.commit(lease, Verdict::Done { next, context: context("late") }.into())),
        ("commit of a retry", store.commit(lease, Verdict::Retry { delay: Duration::ZERO, error: error() }.into())),
        ("commit of a failure", store.commit(lease, Verdict::Fail { error: error() }.into())),
        ("commit of a halt", store.commit(lease, Verdict::Halt { reason: error() }.into())),
        ("advance", Box::pin(async move { store.advance(lease, task("page")).await.map(drop) })),
        ("seal", Box::pin(async move { store.seal(lease).await.map(drop) })),
        ("release", store.release(lease, Duration::ZERO)),
    ];
    for (name, write) in writes {
        refused(name, write.await);
    }
    assert_eq!(observe(world, observer).await?, before, "a refused write has no effect");
    world.store.retire(observer).await
}

fn refused(name: &str, result: Result<(), StoreError>) {
    let error = result.expect_err(name);
    assert_eq!(error.kind(), StoreErrorKind::LeaseLost, "{name}: {error}");
}

/// What an outsider can see without changing anything.
async fn observe(world: &World, observer: WorkerId) -> Result<impl PartialEq + std::fmt::Debug, StoreError> {
    let mut instances = Vec::new();
    for id in 1.. {
        match world.store.instance(crate::InstanceId(id)).await? {
            Some(instance) => instances.push(instance),
            // Numbers of instances may have gaps, but not wide ones.
            None if id > 32 => break,
            None => {}
        }
    }
    Ok((instances, world.store.next_due(claiming(observer)).await?, world.clock.now()))
}
