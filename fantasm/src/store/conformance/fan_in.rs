//! Fan-ins: packages join a window, the window is sealed, a commit drains it.

use std::{collections::BTreeSet, time::Duration};

use tokio::task::JoinSet;

use super::{
    Outcome,
    world::{LEASE, PERIOD, World, context, hop, package, task},
};
use crate::{
    id::WorkerId,
    store::{Claim, InstanceStatus, NewPackage, Next, StoreError, StoreErrorKind, Verdict},
};

/// The window's task has the first package's key, hop and queue, and no context of its own.
pub async fn a_window_is_due_when_its_period_is_over(world: World) -> Outcome {
    let worker = world.worker().await?;
    let first = NewPackage { queue: "slow".to_owned(), ..package("first") };
    world.start_with(None, first.clone()).await?;
    world.clock.advance(PERIOD - Duration::from_micros(1));
    assert_eq!(world.claim(worker).await?, []);
    world.clock.advance(Duration::from_micros(1));
    let task = world.claim_one(worker).await?.task;
    assert!(task.window.is_some());
    assert_eq!((task.key, task.hop, task.queue), (first.window_key, first.hop, first.queue));
    assert_eq!((task.context.as_str(), task.token), ("", None));
    Ok(())
}

/// A stream of packages cannot keep its window open.
pub async fn a_later_package_does_not_move_the_due_time(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let worker = branches[0].lease.worker;
    join(&world, &branches[0], "first").await?;
    world.clock.advance(PERIOD - Duration::from_secs(1));
    join(&world, &branches[1], "second").await?;
    assert_eq!(world.claim(worker).await?, []);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(seal_one(&world, worker).await?.1, ["first", "second"].map(context));
    Ok(())
}

/// The first to join is the one whose context goes on.
pub async fn packages_come_in_joining_order(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    join_all(&world, &branches[2], &["c", "a"]).await?;
    join(&world, &branches[0], "b").await?;
    join_all(&world, &branches[1], &["z", "y"]).await?;
    world.clock.advance(PERIOD);
    let (_, contexts) = seal_one(&world, branches[0].lease.worker).await?;
    assert_eq!(contexts, ["c", "a", "b", "z", "y"].map(context));
    Ok(())
}

/// Each differs from the first in one thing only, and so meets nobody.
pub async fn windows_part_by_group_hop_and_instance(world: World) -> Outcome {
    let base = || NewPackage { group: Some("g".to_owned()), ..package("base") };
    let others = vec![
        NewPackage { group: None, ..base() },
        NewPackage { group: Some(String::new()), ..base() },
        NewPackage { group: Some("G".to_owned()), ..base() },
        NewPackage { hop: hop("Other", "event", "Gather"), ..base() },
        NewPackage { hop: hop("From", "other", "Gather"), ..base() },
        NewPackage { hop: hop("From", "event", "Other"), ..base() },
        NewPackage { hop: crate::store::Hop::Start { to: "Gather".to_owned() }, ..base() },
    ];
    let n_windows = others.len() + 1;
    let root = world.claimed().await?;
    let once = std::iter::once(base()).chain(others.clone());
    let twice = once.clone().chain(once).map(Next::Package);
    world.done(root.lease, twice.collect()).await?;
    assert_eq!(world.instance(root.task.instance).await?.n_live, u64::try_from(n_windows).unwrap_or(0));
    world.start_with(None, base()).await?;
    world.clock.advance(PERIOD);
    let mut sizes = Vec::new();
    for claim in world.claim(root.lease.worker).await? {
        sizes.push(world.store.seal(claim.lease).await?.len());
    }
    sizes.sort_unstable();
    let mut expected = vec![2; n_windows];
    expected.insert(0, 1);
    assert_eq!(sizes, expected);
    Ok(())
}

/// Branches that arrive at the same time open one window, not two.
pub async fn concurrent_packages_meet_in_one_window(world: World) -> Outcome {
    const N_BRANCHES: usize = 20;
    let branches = world.branches(N_BRANCHES).await?;
    let mut commits = JoinSet::new();
    for (ordinal, branch) in branches.iter().enumerate() {
        let (store, lease) = (world.store.clone(), branch.lease);
        let next = vec![package(&ordinal.to_string()).into()];
        commits
            .spawn(async move { store.commit(lease, Verdict::Done { next, context: context("done") }.into()).await });
    }
    commits.join_all().await.into_iter().collect::<Result<Vec<()>, StoreError>>()?;
    assert_eq!(world.instance(branches[0].task.instance).await?.n_live, 1);
    world.clock.advance(PERIOD);
    let (_, contexts) = seal_one(&world, branches[0].lease.worker).await?;
    let distinct: BTreeSet<String> = contexts.into_iter().collect();
    assert_eq!(distinct, (0..N_BRANCHES).map(|ordinal| context(&ordinal.to_string())).collect());
    Ok(())
}

/// A late worker gathers more, it loses nothing.
pub async fn a_window_takes_packages_until_it_is_sealed(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    join(&world, &branches[0], "first").await?;
    world.clock.advance(PERIOD * 2);
    let claim = world.claim_one(branches[0].lease.worker).await?;
    join(&world, &branches[1], "late").await?;
    assert_eq!(world.store.seal(claim.lease).await?, ["first", "late"].map(context));
    Ok(())
}

/// It waits its full period there, beside the sealed one.
pub async fn a_package_after_the_seal_opens_the_next_window(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    join(&world, &branches[0], "first").await?;
    world.clock.advance(PERIOD);
    let (first, contexts) = seal_one(&world, worker).await?;
    assert_eq!(contexts, [context("first")]);
    join(&world, &branches[1], "second").await?;
    assert_eq!(world.instance(id).await?.n_live, 2);
    assert_eq!(world.store.seal(first.lease).await?, [context("first")]);
    world.done(first.lease, Vec::new()).await?;
    world.clock.advance(PERIOD);
    let (second, contexts) = seal_one(&world, worker).await?;
    assert_eq!(contexts, [context("second")]);
    assert_ne!(second.task.window, first.task.window);
    world.done(second.lease, Vec::new()).await?;
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// Within one attempt, as a worker does that lost the first answer.
pub async fn sealing_again_gives_the_same_contexts(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    join_all(&world, &branches[0], &["a", "b"]).await?;
    world.clock.advance(PERIOD);
    let (claim, contexts) = seal_one(&world, branches[0].lease.worker).await?;
    join(&world, &branches[1], "late").await?;
    assert_eq!(world.store.seal(claim.lease).await?, contexts);
    Ok(())
}

/// A batch survives the worker that had sealed it.
pub async fn another_worker_seals_the_same_contexts(world: World) -> Outcome {
    let branches = world.branches(1).await?;
    join_all(&world, &branches[0], &["a", "b"]).await?;
    world.clock.advance(PERIOD);
    let (_, contexts) = seal_one(&world, branches[0].lease.worker).await?;
    world.clock.advance(LEASE);
    let other = world.worker().await?;
    assert_eq!(seal_one(&world, other).await?.1, contexts);
    Ok(())
}

/// A fan-in that failed once works on the same batch again.
pub async fn a_retry_keeps_the_packages(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let worker = branches[0].lease.worker;
    join_all(&world, &branches[0], &["a", "b"]).await?;
    world.clock.advance(PERIOD);
    let (claim, contexts) = seal_one(&world, worker).await?;
    let retry = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
    world.store.commit(claim.lease, retry.into()).await?;
    join(&world, &branches[1], "late").await?;
    let (again, same) = seal_one(&world, worker).await?;
    assert_eq!((again.task.id, again.task.window), (claim.task.id, claim.task.window));
    assert_eq!(same, contexts);
    Ok(())
}

/// Every context is in exactly one batch, and a batch that was worked off is handed out to nobody. Whether its rows are gone,
/// too, no call of a store tells: its own tests look.
pub async fn a_commit_drains_the_window(world: World) -> Outcome {
    let root = world.claimed().await?;
    let (worker, id) = (root.lease.worker, root.task.instance);
    join_all(&world, &root, &["a", "b"]).await?;
    world.clock.advance(PERIOD);
    let (claim, _) = seal_one(&world, worker).await?;
    world.done(claim.lease, vec![task("goes on").into()]).await?;
    let again = world.store.seal(claim.lease).await;
    assert_eq!(again.map_err(|error| error.kind()), Err(StoreErrorKind::LeaseLost));
    assert_eq!(world.instance(id).await?.n_live, 1);
    let next = world.claim_one(worker).await?;
    assert_eq!((next.task.window, next.task.context.as_str()), (None, context("goes on").as_str()));
    join(&world, &next, "c").await?;
    world.clock.advance(PERIOD);
    assert_eq!(seal_one(&world, worker).await?.1, [context("c")]);
    Ok(())
}

/// A machine may loop through its fan-in.
pub async fn a_fan_in_may_join_its_own_next_window(world: World) -> Outcome {
    let root = world.claimed().await?;
    let worker = root.lease.worker;
    let mut claim = root;
    for round in ["a", "b", "c"] {
        join(&world, &claim, round).await?;
        assert_eq!(world.instance(claim.task.instance).await?.n_live, 1);
        world.clock.advance(PERIOD);
        let contexts;
        (claim, contexts) = seal_one(&world, worker).await?;
        assert_eq!(contexts, [context(round)]);
    }
    Ok(())
}

/// Its batch is kept with its error, and newcomers are not locked in with it.
pub async fn a_failed_fan_in_takes_no_more_packages(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    join(&world, &branches[0], "first").await?;
    world.clock.advance(PERIOD);
    let (failing, _) = seal_one(&world, worker).await?;
    world.store.commit(failing.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    join(&world, &branches[1], "second").await?;
    assert_eq!(world.instance(id).await?.n_live, 1);
    world.clock.advance(PERIOD);
    let (second, contexts) = seal_one(&world, worker).await?;
    assert_eq!(contexts, [context("second")]);
    world.done(second.lease, Vec::new()).await?;
    let ended = world.instance(id).await?;
    assert_eq!((ended.status, ended.failed.len()), (InstanceStatus::Failed, 1));
    Ok(())
}

/// Neither a window's task nor its packages outlive their instance.
pub async fn a_halt_takes_open_windows_away(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    join(&world, &branches[0], "first").await?;
    world.store.commit(branches[1].lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await?;
    world.clock.advance(PERIOD);
    assert_eq!(world.claim(branches[0].lease.worker).await?, []);
    assert_eq!(world.instance(branches[0].task.instance).await?.n_live, 0);
    Ok(())
}

/// There is nothing to gather.
pub async fn sealing_a_plain_task_gives_nothing(world: World) -> Outcome {
    let claim = world.claimed().await?;
    assert_eq!(world.store.seal(claim.lease).await?, Vec::<String>::new());
    world.done(claim.lease, Vec::new()).await
}

/// Whoever has not asked for the packages cannot have worked on them.
pub async fn an_unsealed_window_is_not_drained(world: World) -> Outcome {
    let root = world.claimed().await?;
    world.done(root.lease, vec![package("first").into()]).await?;
    world.clock.advance(PERIOD);
    let claim = world.claim_one(root.lease.worker).await?;
    let refused = world.done(claim.lease, Vec::new()).await;
    assert_eq!(refused.map_err(|error| error.kind()), Err(StoreErrorKind::Internal));
    assert_eq!(world.store.seal(claim.lease).await?, [context("first")]);
    world.done(claim.lease, Vec::new()).await?;
    assert_eq!(world.instance(root.task.instance).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// Ends a branch in a window.
async fn join(world: &World, branch: &Claim, name: &str) -> Outcome {
    join_all(world, branch, &[name]).await
}

async fn join_all(world: &World, branch: &Claim, names: &[&str]) -> Outcome {
    world.done(branch.lease, names.iter().map(|name| package(name).into()).collect()).await
}

/// Claims the one window that is due and seals it.
async fn seal_one(world: &World, worker: WorkerId) -> Result<(Claim, Vec<String>), StoreError> {
    let claim = world.claim_one(worker).await?;
    let contexts = world.store.seal(claim.lease).await?;
    Ok((claim, contexts))
}
