//! Commits: what a step writes, all of it or nothing.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{
    Outcome,
    world::{PERIOD, World, context, delayed, hop, package, task},
};
use crate::{
    clock::Clock,
    store::{InstanceStatus, NewPackage, NewTask, Next, Verdict},
};

/// A task counts as one branch, a window as one however many packages it holds.
pub async fn live_branches_are_counted(world: World) -> Outcome {
    let done = |next: Vec<Next>| Verdict::Done { next, context: context("done") };
    let in_group = |group: &str| NewPackage { group: Some(group.to_owned()), ..package("packed") };
    let text = || "why".to_owned();
    let table = [
        (done(vec![]), 0, InstanceStatus::Finished),
        (done(vec![task("a").into()]), 1, InstanceStatus::Active),
        (done(vec![task("a").into(), task("b").into(), task("c").into()]), 3, InstanceStatus::Active),
        (done(vec![package("a").into()]), 1, InstanceStatus::Active),
        (done(vec![package("a").into(), package("b").into()]), 1, InstanceStatus::Active),
        (done(vec![in_group("a").into(), in_group("b").into()]), 2, InstanceStatus::Active),
        (done(vec![task("a").into(), package("b").into()]), 2, InstanceStatus::Active),
        (Verdict::Retry { delay: Duration::ZERO, error: text() }, 1, InstanceStatus::Active),
        (Verdict::Fail { error: text() }, 0, InstanceStatus::Failed),
        (Verdict::Halt { reason: text() }, 0, InstanceStatus::Halted),
    ];
    for (commit, n_live, status) in table {
        let worker = world.worker().await?;
        let id = world.start().await?;
        let claims = world.claim(worker).await?;
        let claim = claims.iter().find(|claim| claim.task.instance == id).expect("the first task is due");
        world.store.commit(claim.lease, commit.clone().into()).await?;
        let instance = world.instance(id).await?;
        assert_eq!((instance.n_live, instance.status), (n_live, status), "after {commit:?}");
        assert_eq!(instance.ended_at.is_some(), status.is_ended(), "after {commit:?}");
    }
    Ok(())
}

/// Each task with its own content, due after its own delay, counted from the commit.
pub async fn what_follows_is_made_as_said(world: World) -> Outcome {
    let root = world.claimed().await?;
    let news = [
        NewTask { hop: hop("A", "go", "B"), queue: "slow".to_owned(), ..delayed("one", 1) },
        NewTask { hop: crate::store::Hop::Exit { from: "A".to_owned() }, ..delayed("two", 2) },
        NewTask { token: Some("[1]".to_owned()), ..delayed("three", 3) },
    ];
    world.clock.advance(Duration::from_secs(5));
    let created_at = world.clock.now();
    world.done(root.lease, news.iter().cloned().map(Next::Task).collect()).await?;
    for new in news {
        world.clock.advance(Duration::from_secs(1));
        let task = world.claim_one(root.lease.worker).await?.task;
        assert_eq!((task.instance, task.machine), (root.task.instance, root.task.machine.clone()));
        assert_eq!((task.key, task.hop, task.queue), (new.key, new.hop, new.queue));
        assert_eq!((task.context, task.token), (new.context, new.token));
        assert_eq!((task.window, task.attempt, task.created_at), (None, 1, created_at));
        assert_ne!(task.id, root.task.id);
    }
    Ok(())
}

/// A task that is done is never run again, and what followed is run once.
pub async fn what_is_done_is_gone(world: World) -> Outcome {
    let root = world.claimed().await?;
    let worker = root.lease.worker;
    world.done(root.lease, vec![task("next").into()]).await?;
    let next = world.claim_one(worker).await?;
    assert_eq!(next.task.context, context("next"));
    world.done(next.lease, Vec::new()).await?;
    world.clock.advance(Duration::from_secs(3600));
    let later = world.worker().await?;
    assert_eq!(world.claim(later).await?, []);
    Ok(())
}

/// Not before, with the last one's context, at the time of its commit.
pub async fn the_instance_finishes_with_its_last_branch(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    let id = branches[0].task.instance;
    for (n_left, branch) in (0..3).rev().zip(branches) {
        let before = world.instance(id).await?;
        assert_eq!((before.status, before.context, before.ended_at), (InstanceStatus::Active, context("start"), None));
        world.clock.advance(Duration::from_secs(1));
        let result = format!("result {n_left}");
        let done = Verdict::Done { next: Vec::new(), context: context(&result) };
        world.store.commit(branch.lease, done.into()).await?;
        assert_eq!(world.instance(id).await?.n_live, n_left);
    }
    let ended = world.instance(id).await?;
    assert_eq!((ended.status, ended.context), (InstanceStatus::Finished, context("result 0")));
    assert_eq!(ended.ended_at, Some(world.clock.now()));
    Ok(())
}

/// Branches that end at the same time are all counted, and one of them ends the instance.
pub async fn concurrent_ends_finish_the_instance_once(world: World) -> Outcome {
    const N_BRANCHES: usize = 20;
    let branches = world.branches(N_BRANCHES).await?;
    let id = branches[0].task.instance;
    let mut ended = world.store.notifier().ended();
    let mut commits = JoinSet::new();
    for branch in branches {
        let store = world.store.clone();
        let done = Verdict::Done { next: Vec::new(), context: context("done") };
        commits.spawn(async move { store.commit(branch.lease, done.into()).await });
    }
    let committed = commits.join_all().await;
    assert_eq!(committed.iter().filter(|result| result.is_ok()).count(), N_BRANCHES, "{committed:?}");
    let instance = world.instance(id).await?;
    assert_eq!((instance.status, instance.n_live), (InstanceStatus::Finished, 0));
    assert_eq!(ended.try_recv().ok(), Some(id));
    assert!(ended.try_recv().is_err(), "the end is told once");
    Ok(())
}

/// Whichever branch ends last.
pub async fn a_failure_anywhere_fails_the_instance_at_its_end(world: World) -> Outcome {
    for failing in 0..3 {
        let branches = world.branches(3).await?;
        let id = branches[0].task.instance;
        for (ordinal, branch) in branches.iter().enumerate() {
            assert_eq!(world.instance(id).await?.status, InstanceStatus::Active);
            let commit = if ordinal == failing {
                Verdict::Fail { error: "no".to_owned() }
            } else {
                Verdict::Done { next: Vec::new(), context: context(&ordinal.to_string()) }
            };
            world.store.commit(branch.lease, commit.into()).await?;
        }
        let ended = world.instance(id).await?;
        assert_eq!((ended.status, ended.n_live, ended.failed.len()), (InstanceStatus::Failed, 0, 1));
        // A branch that was given up has no result: the instance keeps the context that it started with.
        let result = if failing == 2 { "start" } else { "2" };
        assert_eq!(ended.context, context(result), "branch {failing} failed");
    }
    Ok(())
}

/// What waits, what runs, and what gathers: all of it goes away in the same transaction.
pub async fn a_halt_ends_the_instance_and_all_its_branches(world: World) -> Outcome {
    let root = world.claimed().await?;
    let (worker, id) = (root.lease.worker, root.task.instance);
    let next = vec![task("a").into(), task("b").into(), delayed("c", 1).into(), package("d").into()];
    world.done(root.lease, next).await?;
    let running = world.claim(worker).await?;
    assert_eq!((running.len(), world.instance(id).await?.n_live), (2, 4));
    world.clock.advance(Duration::from_millis(500));
    world.store.commit(running[0].lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await?;
    let halted = world.instance(id).await?;
    assert_eq!((halted.status, halted.n_live), (InstanceStatus::Halted, 0));
    assert_eq!((halted.reason.as_deref(), halted.ended_at), (Some("enough"), Some(world.clock.now())));
    assert!(world.done(running[1].lease, Vec::new()).await.is_err(), "a branch of a halted instance cannot commit");
    world.clock.advance(PERIOD);
    assert_eq!(world.claim(worker).await?, []);
    assert_eq!(world.instance(id).await?, halted);
    Ok(())
}

/// Their tasks, windows and packages stay.
pub async fn a_halt_leaves_other_instances_alone(world: World) -> Outcome {
    let other = world.claimed().await?;
    world.done(other.lease, vec![task("plain").into(), package("packed").into()]).await?;
    let worker = other.lease.worker;
    let running = world.claim_one(worker).await?;
    let halting = world.claimed().await?;
    world.store.commit(halting.lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await?;
    assert_eq!(world.instance(other.task.instance).await?.n_live, 2);
    world.done(running.lease, Vec::new()).await?;
    world.clock.advance(PERIOD);
    let window = world.claim_one(worker).await?;
    assert_eq!(world.store.seal(window.lease).await?, [context("packed")]);
    world.done(window.lease, Vec::new()).await?;
    assert_eq!(world.instance(other.task.instance).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// The instance ended because a branch said so.
pub async fn a_halt_prevails_over_an_earlier_failure(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    world.store.commit(branches[0].lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    world.store.commit(branches[1].lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await?;
    let instance = world.instance(branches[0].task.instance).await?;
    assert_eq!((instance.status, instance.reason.as_deref()), (InstanceStatus::Halted, Some("enough")));
    Ok(())
}
