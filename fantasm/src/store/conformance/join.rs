//! Fan-ins that close by count, and those that wait for every other branch.

use std::num::NonZeroU32;

use super::{
    Outcome,
    world::{PERIOD, World, claiming, context, delayed, hop, package, task},
};
use crate::{
    clock::Clock,
    id::WorkerId,
    store::{Claim, Closing, Hop, InstanceStatus, NewPackage, StoreError, Verdict},
};

/// Nobody waits out the time of a window that nobody can join any more.
pub async fn a_full_window_is_due_at_once(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    let worker = branches[0].lease.worker;
    join(&world, &branches[0], by_count("first", 2)).await?;
    assert_eq!(world.claim(worker).await?, []);
    join(&world, &branches[1], by_count("second", 2)).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("first"), context("second")]]);
    Ok(())
}

/// A package more opens the next window, which waits as the first one did.
pub async fn a_full_window_takes_no_more(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    let worker = branches[0].lease.worker;
    for (branch, name) in branches.iter().zip(["first", "second", "third"]) {
        join(&world, branch, by_count(name, 2)).await?;
    }
    assert_eq!(sealed(&world, worker).await?, [vec![context("first"), context("second")]]);
    world.clock.advance(PERIOD);
    assert_eq!(sealed(&world, worker).await?, [vec![context("third")]]);
    Ok(())
}

/// A window of one is a plain task with a batch of one.
pub async fn a_window_of_one_is_due_at_once(world: World) -> Outcome {
    let root = world.claimed().await?;
    world.done(root.lease, vec![by_count("only", 1).into()]).await?;
    assert_eq!(sealed(&world, root.lease.worker).await?, [vec![context("only")]]);
    Ok(())
}

/// The task is somebody's, who will seal the window with all that is in it.
pub async fn a_window_that_fills_leaves_a_claimed_task_alone(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let worker = branches[0].lease.worker;
    join(&world, &branches[0], by_count("first", 2)).await?;
    world.clock.advance(PERIOD);
    let claim = world.claim_one(worker).await?;
    join(&world, &branches[1], by_count("second", 2)).await?;
    assert_eq!(world.claim(worker).await?, []);
    assert_eq!(world.store.seal(claim.lease).await?, ["first", "second"].map(context));
    world.done(claim.lease, Vec::new()).await
}

/// What was given up stays so until somebody retries it.
pub async fn a_window_that_fills_leaves_a_failed_task_alone(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    join(&world, &branches[0], by_count("first", 2)).await?;
    world.clock.advance(PERIOD);
    let claim = world.claim_one(worker).await?;
    world.store.commit(claim.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    join(&world, &branches[1], by_count("second", 2)).await?;
    world.clock.advance(PERIOD);
    for claim in world.claim(worker).await? {
        assert_eq!(world.store.seal(claim.lease).await?, [context("second")]);
        world.done(claim.lease, Vec::new()).await?;
    }
    let instance = world.instance(id).await?;
    assert_eq!((instance.status, instance.n_live, instance.failed.len()), (InstanceStatus::Failed, 0, 1));
    Ok(())
}

/// While it waits for others it is due at no time: a clock that is moved must not run to its end.
pub async fn a_waiting_join_is_due_at_no_time(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    join(&world, &branches[0], all("first")).await?;
    assert_eq!(world.store.next_due(claiming(branches[0].lease.worker)).await?, None);
    Ok(())
}

/// However long the others take.
pub async fn a_join_waits_for_every_other_branch(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    let worker = branches[0].lease.worker;
    join(&world, &branches[0], all("first")).await?;
    world.clock.advance(PERIOD * 2);
    assert_eq!(world.claim(worker).await?, []);
    join(&world, &branches[1], all("second")).await?;
    assert_eq!(world.claim(worker).await?, []);
    world.done(branches[2].lease, Vec::new()).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("first"), context("second")]]);
    assert_eq!(world.instance(branches[0].task.instance).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// The last branch may be one that joins.
pub async fn a_join_is_due_when_its_last_member_has_come(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let worker = branches[0].lease.worker;
    join(&world, &branches[0], all("first")).await?;
    join(&world, &branches[1], all("second")).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("first"), context("second")]]);
    Ok(())
}

/// Where there is only one branch there is nobody to wait for.
pub async fn a_join_of_one_branch_is_due_at_once(world: World) -> Outcome {
    let root = world.claimed().await?;
    world.done(root.lease, vec![all("only").into()]).await?;
    assert_eq!(sealed(&world, root.lease.worker).await?, [vec![context("only")]]);
    let worker = root.lease.worker;
    world.start_with(None, all("started")).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("started")]]);
    Ok(())
}

/// "All" are all: the instance ends, and the join fires once, with the branch that somebody retries.
pub async fn a_join_waits_for_a_failed_branch_until_it_is_retried(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    join(&world, &branches[0], all("first")).await?;
    world.store.commit(branches[1].lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    join(&world, &branches[2], all("second")).await?;
    for _ in 0..2 {
        let ended = world.instance(id).await?;
        assert_eq!((ended.status, ended.n_live, ended.failed.len()), (InstanceStatus::Failed, 0, 1));
        assert_eq!(world.claim(worker).await?, []);
        assert_eq!(world.store.retry(id, None).await?, 1);
        let active = world.instance(id).await?;
        assert_eq!((active.status, active.n_live), (InstanceStatus::Active, 2));
        let again = world.claim_one(worker).await?;
        world.store.commit(again.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    }
    world.store.retry(id, None).await?;
    join(&world, &world.claim_one(worker).await?, all("third")).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("first"), context("second"), context("third")]]);
    let ended = world.instance(id).await?;
    assert_eq!((ended.status, ended.n_live), (InstanceStatus::Finished, 0));
    Ok(())
}

/// Retried while others still run, it counts once; one that ends without joining is not waited for any longer.
pub async fn a_join_goes_by_what_a_retried_branch_does(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    join(&world, &branches[0], all("first")).await?;
    world.store.commit(branches[1].lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    world.store.retry(id, None).await?;
    assert_eq!(world.instance(id).await?.n_live, 3);
    let again = world.claim_one(worker).await?;
    world.done(branches[2].lease, Vec::new()).await?;
    assert_eq!(world.claim(worker).await?, []);
    world.done(again.lease, Vec::new()).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("first")]]);
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// What it has gathered goes away with its instance.
pub async fn a_join_that_waits_for_a_failed_branch_is_purged(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let id = branches[0].task.instance;
    join(&world, &branches[0], all("first")).await?;
    world.store.commit(branches[1].lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    world.clock.advance(PERIOD);
    assert_eq!(world.store.purge(world.clock.now(), NonZeroU32::MIN).await?, 1);
    assert_eq!(world.store.retry(id, None).await?, 0);
    assert_eq!(world.store.instance(id).await?, None);
    Ok(())
}

/// What waits for its time, or runs, or is to be tried again, may still come.
pub async fn a_join_waits_for_sleeping_and_retried_branches(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let worker = branches[0].lease.worker;
    join(&world, &branches[0], all("first")).await?;
    let retry = Verdict::Retry { delay: PERIOD, error: "again".to_owned() };
    world.store.commit(branches[1].lease, retry.into()).await?;
    assert_eq!(world.claim(worker).await?, []);
    world.clock.advance(PERIOD);
    let again = world.claim_one(worker).await?;
    world.done(again.lease, vec![delayed("later", 2).into()]).await?;
    assert_eq!(world.claim(worker).await?, []);
    world.clock.advance(PERIOD);
    let later = world.claim_one(worker).await?;
    world.store.advance(later.lease, task("page")).await?;
    join(&world, &later, all("second")).await?;
    let page = world.claim_one(worker).await?;
    world.done(page.lease, Vec::new()).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("first"), context("second")]]);
    Ok(())
}

/// Joins that wait for each other are let go together.
pub async fn joins_of_several_groups_are_due_together(world: World) -> Outcome {
    let branches = world.branches(4).await?;
    let worker = branches[0].lease.worker;
    for (branch, (group, name)) in branches.iter().zip([("a", "1"), ("b", "2"), ("a", "3"), ("b", "4")]) {
        assert_eq!(world.claim(worker).await?, []);
        join(&world, branch, NewPackage { group: Some(group.to_owned()), ..all(name) }).await?;
    }
    let batches = sealed(&world, worker).await?;
    assert_eq!(batches, [vec![context("1"), context("3")], vec![context("2"), context("4")]]);
    Ok(())
}

/// Of joins that all wait, those of the lowest rank go first, and the others wait for what comes of them.
pub async fn joins_that_wait_go_in_the_order_of_their_ranks(world: World) -> Outcome {
    let branches = world.branches(4).await?;
    let worker = branches[0].lease.worker;
    for (branch, (rank, name)) in branches.iter().zip([(1, "late"), (0, "a"), (2, "last"), (0, "b")]) {
        join(&world, branch, ranked(rank, name)).await?;
    }
    let firsts = world.claim(worker).await?;
    assert_eq!(firsts.len(), 2, "both of the lowest rank");
    for (first, name) in firsts.iter().zip(["a", "b"]) {
        assert_eq!(world.store.seal(first.lease).await?, [context(name)]);
    }
    world.done(firsts[0].lease, vec![task("on the way").into()]).await?;
    join(&world, &firsts[1], NewPackage { context: context("of b"), ..ranked(1, "late") }).await?;
    let on_the_way = world.claim_one(worker).await?;
    assert_eq!(on_the_way.task.context, context("on the way"), "one that goes on is waited for");
    world.done(on_the_way.lease, Vec::new()).await?;
    assert_eq!(sealed(&world, worker).await?, [vec![context("late"), context("of b")]]);
    assert_eq!(sealed(&world, worker).await?, [vec![context("last")]]);
    let ended = world.instance(branches[0].task.instance).await?;
    assert_eq!((ended.status, ended.n_live), (InstanceStatus::Finished, 0));
    Ok(())
}

/// A join that fails holds those up that come after it, until it is retried.
pub async fn a_join_waits_for_one_of_a_lower_rank_that_failed(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    join(&world, &branches[0], ranked(1, "late")).await?;
    join(&world, &branches[1], ranked(0, "first")).await?;
    let first = world.claim_one(worker).await?;
    world.store.commit(first.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Failed);
    assert_eq!(world.claim(worker).await?, []);
    world.store.retry(id, None).await?;
    assert_eq!(world.instance(id).await?.n_live, 2);
    assert_eq!(sealed(&world, worker).await?, [vec![context("first")]]);
    assert_eq!(sealed(&world, worker).await?, [vec![context("late")]]);
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// What goes on after a join may fan out and be joined again.
pub async fn a_join_may_follow_a_join(world: World) -> Outcome {
    let root = world.claimed().await?;
    let worker = root.lease.worker;
    world.done(root.lease, vec![all("outer").into()]).await?;
    let outer = world.claim_one(worker).await?;
    assert_eq!(world.store.seal(outer.lease).await?, [context("outer")]);
    world.done(outer.lease, vec![task("a").into(), task("b").into()]).await?;
    for branch in world.claim(worker).await? {
        join(&world, &branch, all("inner")).await?;
    }
    assert_eq!(sealed(&world, worker).await?, [vec![context("inner"), context("inner")]]);
    assert_eq!(world.instance(root.task.instance).await?.n_live, 0);
    Ok(())
}

/// Branches of other instances are nobody's to wait for.
pub async fn a_join_waits_for_its_own_instance_alone(world: World) -> Outcome {
    let root = world.claimed().await?;
    world.start_with(None, delayed("another", 1000)).await?;
    world.done(root.lease, vec![all("only").into()]).await?;
    assert_eq!(sealed(&world, root.lease.worker).await?, [vec![context("only")]]);
    Ok(())
}

async fn join(world: &World, branch: &Claim, package: NewPackage) -> Outcome {
    world.done(branch.lease, vec![package.into()]).await
}

/// Seals and drains all that is due.
async fn sealed(world: &World, worker: WorkerId) -> Result<Vec<Vec<String>>, StoreError> {
    let mut batches = Vec::new();
    for claim in world.claim(worker).await? {
        batches.push(world.store.seal(claim.lease).await?);
        world.done(claim.lease, Vec::new()).await?;
    }
    Ok(batches)
}

fn by_count(name: &str, max: u32) -> NewPackage {
    NewPackage { closing: Closing::After { period: PERIOD, max: NonZeroU32::new(max) }, ..package(name) }
}

fn all(name: &str) -> NewPackage {
    NewPackage { closing: Closing::Alone, ..package(name) }
}

/// A package for the join of that rank and name.
fn ranked(rank: u32, name: &str) -> NewPackage {
    NewPackage { hop: hop("From", "event", name), rank, ..all(name) }
}

/// Two ways into a join are one batch: it fires once.
pub async fn a_join_gathers_whatever_way_they_came(world: World) -> Outcome {
    let root = world.claimed().await?;
    let way = |hop, name: &str| NewPackage { hop, closing: Closing::Alone, ..package(name) };
    let jump = Hop::Jump { from: "Other".to_owned(), to: "Gather".to_owned() };
    let ways = vec![way(hop("From", "event", "Gather"), "a").into(), way(jump, "b").into()];
    world.done(root.lease, ways).await?;
    let claim = world.claim_one(root.lease.worker).await?;
    assert_eq!(world.store.seal(claim.lease).await?, ["a", "b"].map(context));
    assert_eq!(claim.task.hop, hop("From", "event", "Gather"), "the first one's way");
    Ok(())
}
