//! What operators do: cancel, retry, pause, purge.

use std::{num::NonZeroU32, time::Duration};

use super::{
    Outcome,
    world::{PERIOD, World, claiming, context, delayed, hop, package, task},
};
use crate::{
    clock::Clock,
    id::InstanceId,
    store::{Hop, InstanceStatus, NewTask, StoreErrorKind, Verdict},
};

/// Whatever branches it has: waiting, running, gathered or failed.
pub async fn cancelling_ends_an_instance_and_all_its_branches(world: World) -> Outcome {
    let branches = world.branches(4).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    world.done(branches[0].lease, vec![package("gathered").into()]).await?;
    world.store.commit(branches[1].lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    world.done(branches[2].lease, vec![delayed("waits", 5).into()]).await?;
    let mut ended = world.store.notifier().ended();
    assert!(world.store.cancel(id).await?);
    assert_eq!(ended.try_recv().ok(), Some(id), "those who wait for it hear of it");
    let refused = world.done(branches[3].lease, Vec::new()).await;
    assert_eq!(refused.map_err(|error| error.kind()), Err(StoreErrorKind::LeaseLost));
    world.clock.advance(PERIOD * 4);
    assert_eq!(world.claim(worker).await?, []);
    let instance = world.instance(id).await?;
    assert_eq!((instance.status, instance.n_live, instance.failed.len()), (InstanceStatus::Cancelled, 0, 0));
    assert!(instance.ended_at.is_some());
    Ok(())
}

/// The first end counts.
pub async fn what_has_ended_cannot_be_cancelled(world: World) -> Outcome {
    let ends = [
        Verdict::Done { next: Vec::new(), context: context("done") },
        Verdict::Fail { error: "no".to_owned() },
        Verdict::Halt { reason: "enough".to_owned() },
    ];
    for end in ends {
        let claim = world.claimed().await?;
        world.store.commit(claim.lease, end.into()).await?;
        let before = world.instance(claim.task.instance).await?;
        assert!(!world.store.cancel(claim.task.instance).await?);
        assert_eq!(world.instance(claim.task.instance).await?, before);
    }
    assert!(!world.store.cancel(InstanceId(i64::MAX)).await?);
    Ok(())
}

/// From where they failed, with what they had, and as if they had not been tried.
pub async fn retrying_schedules_the_failed_tasks_again(world: World) -> Outcome {
    let branches = world.branches(3).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    for branch in &branches[..2] {
        world.store.commit(branch.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    }
    world.done(branches[2].lease, Vec::new()).await?;
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Failed);
    assert_eq!(world.store.retry(id, None).await?, 2);
    let instance = world.instance(id).await?;
    assert_eq!((instance.status, instance.n_live, instance.ended_at), (InstanceStatus::Active, 2, None));
    assert_eq!(instance.failed, []);
    for (again, failed) in world.claim(worker).await?.into_iter().zip(&branches) {
        assert_eq!((again.task.attempt, &again.task.context), (1, &failed.task.context));
        assert_eq!((again.task.key, &again.task.hop), (failed.task.key, &failed.task.hop));
        assert!(again.lease.fence > failed.lease.fence);
        world.done(again.lease, Vec::new()).await?;
    }
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// While its other branches are live, too.
pub async fn an_active_instance_can_be_retried(world: World) -> Outcome {
    let branches = world.branches(2).await?;
    let (worker, id) = (branches[0].lease.worker, branches[0].task.instance);
    world.store.commit(branches[0].lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    assert_eq!(world.store.retry(id, None).await?, 1);
    world.done(branches[1].lease, Vec::new()).await?;
    let again = world.claim_one(worker).await?;
    world.done(again.lease, Vec::new()).await?;
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// A fan-in has its packages still.
pub async fn a_retried_fan_in_gets_the_same_contexts(world: World) -> Outcome {
    let root = world.claimed().await?;
    let worker = root.lease.worker;
    world.done(root.lease, ["a", "b"].map(|name| package(name).into()).to_vec()).await?;
    world.clock.advance(PERIOD);
    let failing = world.claim_one(worker).await?;
    world.store.seal(failing.lease).await?;
    world.store.commit(failing.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    assert_eq!(world.store.retry(root.task.instance, None).await?, 1);
    let again = world.claim_one(worker).await?;
    assert_eq!(world.store.seal(again.lease).await?, ["a", "b"].map(context));
    world.done(again.lease, Vec::new()).await?;
    assert_eq!(world.instance(root.task.instance).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// There is nothing to try again.
pub async fn retrying_an_instance_without_failures_changes_nothing(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let id = claim.task.instance;
    assert_eq!(world.store.retry(id, None).await?, 0);
    world.store.commit(claim.lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await?;
    let before = world.instance(id).await?;
    assert_eq!(world.store.retry(id, None).await?, 0);
    assert_eq!(world.instance(id).await?, before);
    assert_eq!(world.store.retry(InstanceId(i64::MAX), None).await?, 0);
    Ok(())
}

/// Its tasks wait, those of other queues do not, and those that run may commit.
pub async fn nothing_is_claimed_from_a_paused_queue(world: World) -> Outcome {
    let on_queue = |name: &str| NewTask { queue: name.to_owned(), ..task(name) };
    let running = world.claimed().await?;
    let worker = running.lease.worker;
    world.store.set_paused("default".to_owned(), true).await?;
    world.store.set_paused("slow".to_owned(), true).await?;
    world.store.set_paused("slow".to_owned(), true).await?;
    assert_eq!(world.store.paused().await?, ["default", "slow"]);
    world.done(running.lease, ["slow", "fast"].map(|name| on_queue(name).into()).to_vec()).await?;
    assert_eq!(world.claim_contexts(worker).await?, [context("fast")]);
    assert_eq!(world.store.next_due(claiming(worker)).await?, None);
    let mut due = world.store.notifier().due();
    world.store.set_paused("slow".to_owned(), false).await?;
    assert!(due.has_changed().unwrap_or(false), "pollers hear of it");
    due.mark_unchanged();
    assert_eq!(world.claim_contexts(worker).await?, [context("slow")]);
    world.store.set_paused("never paused".to_owned(), false).await?;
    assert_eq!(world.store.paused().await?, ["default"]);
    Ok(())
}

/// Those that ended before the time, the oldest first, with all that belongs to them; and their keys are free again.
pub async fn purging_removes_what_has_ended(world: World) -> Outcome {
    let worker = world.worker().await?;
    let mut ids = Vec::new();
    for key in ["a", "b", "c"] {
        ids.push(world.start_with(Some(key), task(key)).await?.id);
        let claim = world.claim_one(worker).await?;
        let verdict = match key {
            "b" => Verdict::Fail { error: "no".to_owned() },
            _ => Verdict::Done { next: Vec::new(), context: context("done") },
        };
        world.store.commit(claim.lease, verdict.into()).await?;
        world.clock.advance(Duration::from_secs(1));
    }
    let active = world.start_with(Some("d"), delayed("d", 1000)).await?.id;
    let before_c = world.instance(ids[2]).await?.ended_at.expect("it has ended");
    let two = NonZeroU32::MIN.saturating_add(1);
    assert_eq!(world.store.purge(before_c, NonZeroU32::MIN).await?, 1);
    assert_eq!(world.store.instance(ids[0]).await?, None);
    assert!(world.store.history(ids[0]).await?.is_empty());
    assert_eq!(world.store.purge(before_c, two).await?, 1, "the third ended at that time, not before it");
    assert_eq!(world.store.instance(ids[1]).await?, None);
    assert_eq!(world.store.purge(world.clock.now(), two).await?, 1);
    assert_eq!(world.store.purge(world.clock.now(), two).await?, 0);
    assert_eq!(world.instance(active).await?.status, InstanceStatus::Active);
    assert!(world.start_with(Some("a"), task("a")).await?.is_new);
    Ok(())
}

/// They begin anew there, as after a failure; a fan-in stays where its packages are.
pub async fn failed_tasks_are_retried_in_another_state(world: World) -> Outcome {
    let root = world.claimed().await?;
    let page = NewTask { token: Some("7".to_owned()), hop: hop("From", "event", "Pages"), ..task("page") };
    let key = page.key;
    world.done(root.lease, vec![page.into(), package("member").into()]).await?;
    world.clock.advance(PERIOD);
    for claim in world.claim(root.lease.worker).await? {
        world.store.seal(claim.lease).await?;
        assert!(world.store.advance(claim.lease, task("next")).await?);
        world.store.commit(claim.lease, Verdict::Fail { error: "broken".to_owned() }.into()).await?;
    }
    assert_eq!(world.store.retry(root.task.instance, Some("Mended".to_owned())).await?, 2);
    let claims = world.claim(root.lease.worker).await?;
    let find = |hop: &Hop| claims.iter().find(|claim| claim.task.hop == *hop);
    let again = find(&Hop::Jump { from: "Pages".to_owned(), to: "Mended".to_owned() }).expect("the page begins anew");
    assert_eq!((&again.task.token, again.task.attempt), (&None, 1));
    assert_ne!(again.task.key, key, "it is another step");
    assert!(world.store.advance(again.lease, task("first page's next")).await?, "its pages are others");
    let gathered = find(&hop("From", "event", "Gather")).expect("the fan-in is where it was");
    assert_eq!(world.store.seal(gathered.lease).await?, [context("member")]);
    Ok(())
}

/// Until it is resumed or has ended; other instances go on.
pub async fn nothing_is_claimed_from_a_paused_instance(world: World) -> Outcome {
    let worker = world.worker().await?;
    let paused = world.start().await?;
    let other = world.start().await?;
    assert!(world.store.set_instance_paused(paused, true).await?);
    assert!(world.instance(paused).await?.is_paused && !world.instance(other).await?.is_paused);
    let claim = world.claim_one(worker).await?;
    assert_eq!(claim.task.instance, other);
    assert_eq!(world.store.next_due(claiming(worker)).await?, None);
    assert!(world.store.set_instance_paused(paused, false).await?);
    let claim = world.claim_one(worker).await?;
    assert_eq!(claim.task.instance, paused);

    assert!(world.store.set_instance_paused(paused, true).await?);
    world.done(claim.lease, vec![task("next").into()]).await?;
    assert_eq!(world.claim_contexts(worker).await?, Vec::<String>::new(), "what ran went on, what follows waits");
    assert!(world.store.cancel(paused).await?);
    assert!(!world.instance(paused).await?.is_paused, "what has ended does not wait");
    assert!(!world.store.set_instance_paused(paused, true).await?);
    assert!(!world.store.set_instance_paused(InstanceId(i64::MAX), true).await?);
    Ok(())
}
