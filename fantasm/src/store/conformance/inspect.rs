//! Looking at instances, and hearing of changes.

use std::{num::NonZeroU32, time::Duration};

use super::{
    Outcome,
    world::{LEASE, MACHINE, PERIOD, World, context, hop, package, task},
};
use crate::{
    clock::Clock,
    id::{InstanceId, TaskId},
    store::{Closing, Gathering, Hop, InstanceStatus, NewPackage, NewTask, StoreError, Verdict},
};

/// Asking is no error.
pub async fn an_unknown_instance_is_none(world: World) -> Outcome {
    for id in [-1, 0, 1, i64::MAX] {
        assert_eq!(world.store.instance(InstanceId(id)).await?, None);
    }
    Ok(())
}

/// By both, and by nothing else.
pub async fn instances_are_found_by_machine_and_key(world: World) -> Outcome {
    let id = world.start_with(Some("key"), task("first")).await?.id;
    world.start().await?;
    for (machine, key, expected) in
        [(MACHINE, "key", Some(id)), (MACHINE, "KEY", None), (MACHINE, "", None), ("Other", "key", None)]
    {
        let found = world.store.find(machine.to_owned(), key.to_owned()).await?;
        assert_eq!(found, expected, "machine {machine:?}, key {key:?}");
    }
    Ok(())
}

/// However an instance ends, those who wait for it in this process hear of it, once.
pub async fn the_end_is_told_once(world: World) -> Outcome {
    let ends = [
        (InstanceStatus::Finished, Verdict::Done { next: Vec::new(), context: context("done") }),
        (InstanceStatus::Failed, Verdict::Fail { error: "no".to_owned() }),
        (InstanceStatus::Halted, Verdict::Halt { reason: "enough".to_owned() }),
    ];
    for (status, end) in ends {
        let claim = world.claimed().await?;
        let mut ended = world.store.notifier().ended();
        let retry = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
        world.store.commit(claim.lease, retry.into()).await?;
        let again = world.claim_one(claim.lease.worker).await?;
        assert!(ended.try_recv().is_err(), "nothing has ended yet");
        world.store.commit(again.lease, end.into()).await?;
        assert_eq!(ended.try_recv().ok(), Some(claim.task.instance), "{status}");
        assert!(ended.try_recv().is_err(), "{status} is told once");
        assert_eq!(world.instance(claim.task.instance).await?.status, status);
    }
    Ok(())
}

/// Whatever makes a task due wakes the pollers of this process, so that they need not poll in a hurry.
pub async fn pollers_hear_of_new_work(world: World) -> Outcome {
    let mut due = world.store.notifier().due();
    let mut heard = |of: &str| {
        assert!(due.has_changed().unwrap_or(false), "pollers hear of {of}");
        due.mark_unchanged();
    };
    let claim = world.claimed().await?;
    let worker = claim.lease.worker;
    heard("a start");
    world.store.release(claim.lease, Duration::ZERO).await?;
    heard("a release");
    let claim = world.claim_one(worker).await?;
    let retry = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
    world.store.commit(claim.lease, retry.into()).await?;
    heard("a retry");
    let claim = world.claim_one(worker).await?;
    world.store.advance(claim.lease, task("page")).await?;
    heard("a next page");
    world.done(claim.lease, vec![task("next").into()]).await?;
    heard("what follows a commit");
    world.claim(worker).await?;
    world.store.retire(worker).await?;
    heard("a worker that retires");
    let silent = world.worker().await?;
    world.claim(silent).await?;
    world.clock.advance(LEASE);
    let rescuer = world.worker().await?;
    world.store.claim(crate::store::Claiming { machines: Vec::new(), ..super::world::claiming(rescuer) }).await?;
    heard("a rescue");
    Ok(())
}

/// What windows wait for is told as long as they take packages.
pub async fn what_windows_wait_for_is_listed(world: World) -> Outcome {
    let root = world.claimed().await?;
    let all = NewPackage { closing: Closing::Alone, hop: hop("From", "event", "Meet"), ..package("all") };
    let full = Closing::After { period: PERIOD, max: NonZeroU32::new(1) };
    let full = NewPackage { closing: full, hop: hop("From", "event", "Fill"), ..package("full") };
    world.done(root.lease, vec![all.into(), full.into(), package("by time").into(), task("none").into()]).await?;
    let listed = async || -> Result<Vec<_>, StoreError> {
        let tasks = world.store.tasks(TaskId(0), NonZeroU32::MAX).await?;
        Ok(tasks.into_iter().map(|task| (task.hop.to().map(str::to_owned), task.gathering)).collect())
    };
    let state = |name: &str| Some(name.to_owned());
    let until = world.clock.now().saturating_add(PERIOD).ok().map(Gathering::Until);
    let gather = |gathering| (state("Gather"), gathering);
    let others = [(state("Meet"), Some(Gathering::All)), (state("Fill"), None)];
    let found = listed().await?;
    assert!(others.iter().all(|expected| found.contains(expected)), "{found:?}");
    assert!(found.contains(&gather(until)), "{found:?}");
    assert_eq!(found.iter().filter(|(_, gathering)| gathering.is_some()).count(), 2, "{found:?}");
    world.clock.advance(PERIOD);
    world.claim(root.lease.worker).await?;
    let found = listed().await?;
    assert!(found.contains(&gather(None)) && found.contains(&others[0]), "{found:?}");
    Ok(())
}

/// Tasks that are scheduled, running and failed; that of a window with the contexts that wait in it.
pub async fn tasks_are_listed_with_their_contexts(world: World) -> Outcome {
    let listed = async |after| world.store.tasks(after, NonZeroU32::new(3).expect("is not 0")).await;
    assert_eq!(listed(TaskId(0)).await?, []);
    let root = world.claimed().await?;
    let id = root.task.instance;
    let other = world.start().await?;
    let page = NewTask { hop: hop("From", "event", "Ahead"), token: Some("1".to_owned()), ..task("ahead") };
    let next = vec![page.into(), package("a").into(), package("b").into()];
    world.done(root.lease, next).await?;
    let claim = world.claim(root.lease.worker).await?.remove(0);
    world.store.commit(claim.lease, Verdict::Fail { error: "broken".to_owned() }.into()).await?;
    let mut tasks = listed(TaskId(0)).await?;
    assert_eq!(listed(tasks.last().map_or(TaskId(0), |task| task.id)).await?, []);
    tasks.sort_by_key(|task| (task.hop.clone(), task.id));
    let found = tasks.into_iter().map(|it| (it.instance, it.machine, it.hop, it.has_token, it.has_window, it.contexts));
    let expected = |instance, hop, has_token, has_window, contexts: &[&str]| {
        (instance, MACHINE.to_owned(), hop, has_token, has_window, contexts.iter().map(|it| context(it)).collect())
    };
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            expected(other, Hop::Start { to: "State".to_owned() }, false, false, &["first"]),
            expected(id, hop("From", "event", "Ahead"), true, false, &["ahead"]),
            expected(id, hop("From", "event", "Gather"), false, true, &["a", "b"]),
        ]
    );
    Ok(())
}
