//! Claiming tasks that are due.

use std::{collections::BTreeSet, num::NonZeroU32, time::Duration};

use tokio::task::JoinSet;

use super::{
    Outcome,
    world::{LEASE, MACHINE, World, claiming, context, delayed, task},
};
use crate::{
    id::WorkerId,
    store::{Claiming, NewInstance, NewTask, StoreError, StoreErrorKind, Verdict},
};

/// Whatever the order in which they were made.
pub async fn tasks_come_in_the_order_in_which_they_are_due(world: World) -> Outcome {
    let worker = world.worker().await?;
    for delay in [3, 1, 4, 2] {
        world.start_with(None, delayed(&delay.to_string(), delay)).await?;
    }
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(world.claim_contexts(worker).await?, ["1", "2", "3", "4"].map(context));
    Ok(())
}

/// A worker that has room for few gets those that have waited longest.
pub async fn the_earliest_come_first_when_not_all_are_taken(world: World) -> Outcome {
    let worker = world.worker().await?;
    for delay in [3, 1, 4, 2] {
        world.start_with(None, delayed(&delay.to_string(), delay)).await?;
    }
    world.clock.advance(Duration::from_secs(5));
    let one = Claiming { limit: NonZeroU32::MIN, ..claiming(worker) };
    for due in ["1", "2", "3", "4"] {
        let claims = world.store.claim(one.clone()).await?;
        assert_eq!(claims.iter().map(|claim| claim.task.context.as_str()).collect::<Vec<_>>(), [context(due)]);
    }
    Ok(())
}

/// Not a moment before, and then at once.
pub async fn a_task_is_claimed_exactly_when_it_is_due(world: World) -> Outcome {
    let worker = world.worker().await?;
    world.start_with(None, delayed("first", 1)).await?;
    world.clock.advance(Duration::from_secs(1) - Duration::from_micros(1));
    assert_eq!(world.claim(worker).await?, []);
    world.clock.advance(Duration::from_micros(1));
    world.claim_one(worker).await?;
    Ok(())
}

/// A task that somebody runs is nobody else's, nor is it given to the same worker again.
pub async fn a_task_is_claimed_once(world: World) -> Outcome {
    let (one, other) = (world.worker().await?, world.worker().await?);
    world.start().await?;
    world.claim_one(one).await?;
    for worker in [one, other] {
        assert_eq!(world.claim(worker).await?, []);
    }
    Ok(())
}

/// The rest stays for others.
pub async fn no_more_than_asked_for(world: World) -> Outcome {
    let worker = world.worker().await?;
    for _ in 0..5 {
        world.start().await?;
    }
    let two = Claiming { limit: NonZeroU32::MIN.saturating_add(1), ..claiming(worker) };
    let mut n_claimed = Vec::new();
    for _ in 0..4 {
        n_claimed.push(world.store.claim(two.clone()).await?.len());
    }
    assert_eq!(n_claimed, [2, 2, 1, 0]);
    Ok(())
}

/// Tasks of other machines and queues are left alone.
pub async fn only_machines_and_queues_asked_for(world: World) -> Outcome {
    for (machine, queue) in [("A", "x"), ("A", "y"), ("B", "x"), ("B", "y")] {
        let first = NewTask { queue: queue.to_owned(), ..task(&format!("{machine}{queue}")) };
        let new = NewInstance::new(machine, context("start"), first);
        world.start_one(new).await?;
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    type Row<'a> = (&'a [&'a str], Option<&'a [&'a str]>, &'a [&'a str]);
    let table: [Row<'_>; 7] = [
        (&[], None, &[]),
        (&["C"], None, &[]),
        (&["A", "B"], Some(&[]), &[]),
        (&["A", "B"], Some(&["z"]), &[]),
        (&["A"], None, &["Ax", "Ay"]),
        (&["B"], Some(&["y"]), &["By"]),
        (&["A", "B", "C"], Some(&["x", "y"]), &["Ax", "Ay", "Bx", "By"]),
    ];
    for (machines, queues, expected) in table {
        let worker = world.worker().await?;
        let claiming = Claiming { machines: names(machines), queues: queues.map(names), ..claiming(worker) };
        let is_due = world.store.next_due(claiming.clone()).await?.is_some_and(|wait| wait.is_zero());
        assert_eq!(is_due, !expected.is_empty(), "next_due of {machines:?} and {queues:?}");
        let claims = world.store.claim(claiming).await?;
        let claimed: BTreeSet<String> = claims.into_iter().map(|claim| claim.task.context).collect();
        let expected = expected.iter().map(|name| context(name)).collect();
        assert_eq!(claimed, expected, "machines {machines:?}, queues {queues:?}");
        world.store.retire(worker).await?;
    }
    Ok(())
}

/// Tasks of a worker that nobody knows would never be taken back.
pub async fn an_unknown_worker_cannot_claim(world: World) -> Outcome {
    let (never, retired) = (WorkerId::random(), world.worker().await?);
    world.store.retire(retired).await?;
    world.start().await?;
    for worker in [never, retired] {
        let error = world.claim(worker).await.expect_err("the worker is not known");
        assert_eq!(error.kind(), StoreErrorKind::LeaseLost);
    }
    Ok(())
}

/// Such a worker counts as dead already, even if nobody has taken its tasks yet.
pub async fn a_worker_whose_lease_ran_out_cannot_claim(world: World) -> Outcome {
    let worker = world.worker().await?;
    world.start().await?;
    world.clock.advance(LEASE);
    let error = world.claim(worker).await.expect_err("the lease ran out");
    assert_eq!(error.kind(), StoreErrorKind::LeaseLost);
    Ok(())
}

/// With an error a call has no effect, not even a rescue.
pub async fn a_refused_claim_changes_nothing(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(LEASE);
    for worker in [claim.lease.worker, WorkerId::random()] {
        let error = world.claim(worker).await.expect_err("the worker is not known, or silent for too long");
        assert_eq!(error.kind(), StoreErrorKind::LeaseLost);
    }
    world.done(claim.lease, Vec::new()).await
}

/// Over retries, releases and rescues the fence only grows.
pub async fn every_claim_counts_and_has_a_greater_fence(world: World) -> Outcome {
    let worker = world.worker().await?;
    world.start().await?;
    let mut fence = None;
    for attempt in 1..=4 {
        let claim = world.claim_one(worker).await?;
        assert_eq!(claim.task.attempt, attempt);
        assert_eq!((claim.lease.task, claim.lease.worker), (claim.task.id, worker));
        assert!(fence < Some(claim.lease.fence), "{fence:?} < {}", claim.lease.fence);
        fence = Some(claim.lease.fence);
        let again = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
        world.store.commit(claim.lease, again.into()).await?;
    }
    Ok(())
}

/// No task is given to two workers, and none is left lying.
pub async fn concurrent_claims_are_disjoint(world: World) -> Outcome {
    const N_TASKS: usize = 60;
    for _ in 0..N_TASKS {
        world.start().await?;
    }
    let mut claims = JoinSet::new();
    for _ in 0..12 {
        let (store, worker) = (world.store.clone(), world.worker().await?);
        let five = Claiming { limit: NonZeroU32::MIN.saturating_add(4), ..claiming(worker) };
        claims.spawn(async move { store.claim(five).await });
    }
    let claims = claims.join_all().await.into_iter().collect::<Result<Vec<_>, StoreError>>()?.concat();
    let tasks: BTreeSet<_> = claims.iter().map(|claim| claim.task.id).collect();
    assert_eq!((claims.len(), tasks.len()), (N_TASKS, N_TASKS));
    Ok(())
}

/// A worker sleeps until then, so it must not be later than the truth.
pub async fn next_due_is_the_earliest_of_the_tasks_asked_for(world: World) -> Outcome {
    let worker = world.worker().await?;
    assert_eq!(world.store.next_due(claiming(worker)).await?, None);
    for (name, delay) in [("later", 7), ("sooner", 5)] {
        world.start_with(None, delayed(name, delay)).await?;
    }
    assert_eq!(world.store.next_due(claiming(worker)).await?, Some(Duration::from_secs(5)));
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(world.store.next_due(claiming(worker)).await?, Some(Duration::from_secs(3)));
    world.clock.advance(Duration::from_secs(4));
    assert_eq!(world.store.next_due(claiming(worker)).await?, Some(Duration::ZERO), "it has been due for a second");
    let others = Claiming { machines: vec!["Other".to_owned(), MACHINE.to_lowercase()], ..claiming(worker) };
    assert_eq!(world.store.next_due(others).await?, None);
    Ok(())
}

/// What runs or was given up is not due.
pub async fn next_due_passes_over_running_and_failed_tasks(world: World) -> Outcome {
    let claim = world.claimed().await?;
    assert_eq!(world.store.next_due(claiming(claim.lease.worker)).await?, None);
    world.store.commit(claim.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    assert_eq!(world.store.next_due(claiming(claim.lease.worker)).await?, None);
    Ok(())
}

/// Tasks of a dead worker become due then; a worker's own lease is its own concern.
pub async fn next_due_knows_when_another_lease_ends(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.clock.advance(Duration::from_secs(1));
    let other = world.worker().await?;
    assert_eq!(world.store.next_due(claiming(other)).await?, Some(LEASE - Duration::from_secs(1)));
    world.store.retire(other).await?;
    assert_eq!(world.store.next_due(claiming(claim.lease.worker)).await?, None);
    Ok(())
}

/// A task without a target is for everybody, and so is one for a worker that asks for no label.
pub async fn only_workers_with_its_label_claim_a_task(world: World) -> Outcome {
    let worker = world.worker().await?;
    let labels = |labels: &[&str]| Some(labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>());
    let table =
        [(labels(&[]), "any"), (labels(&["cpu", "gpu"]), "any gpu"), (labels(&["cpu"]), "any"), (None, "any gpu")];
    for (labels, expected) in table {
        world.start_with(None, task("any")).await?;
        world.start_with(None, NewTask { target: Some("gpu".to_owned()), ..task("gpu") }).await?;
        let claiming = Claiming { labels: labels.clone(), ..claiming(worker) };
        assert!(world.store.next_due(claiming.clone()).await?.is_some());
        let claims = world.store.claim(claiming.clone()).await?;
        let expected: Vec<_> = expected.split(' ').map(context).collect();
        assert_eq!(claims.iter().map(|claim| claim.task.context.clone()).collect::<Vec<_>>(), expected, "{labels:?}");
        for claim in claims.into_iter().chain(world.claim(worker).await?) {
            world.done(claim.lease, Vec::new()).await?;
        }
    }
    Ok(())
}
