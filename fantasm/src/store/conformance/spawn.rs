//! Instances that a step starts.

use super::{
    Outcome,
    world::{MACHINE, World, context, delayed, task},
};
use crate::{
    id::InstanceId,
    store::{InstanceStatus, NewInstance, Next, StoreErrorKind},
};

/// With the step or not at all, and as an instance of its own.
pub async fn a_spawned_instance_starts_with_the_commit(world: World) -> Outcome {
    let parent = world.claimed().await?;
    world.done(parent.lease, vec![spawn(Some("child"), parent.task.instance)]).await?;
    assert_eq!(world.instance(parent.task.instance).await?.status, InstanceStatus::Finished);
    let child = world.store.find(MACHINE.to_owned(), "child".to_owned()).await?.expect("it was spawned");
    let child = world.instance(child).await?;
    assert_eq!((child.status, child.n_live, child.parent), (InstanceStatus::Active, 1, Some(parent.task.instance)));
    assert_eq!(world.claim_contexts(parent.lease.worker).await?, [context("spawned")]);
    Ok(())
}

/// A refused commit spawns nothing.
pub async fn a_refused_commit_spawns_nothing(world: World) -> Outcome {
    let parent = world.claimed().await?;
    world.done(parent.lease, Vec::new()).await?;
    let refused = world.done(parent.lease, vec![spawn(Some("child"), parent.task.instance)]).await;
    assert_eq!(refused.map_err(|error| error.kind()), Err(StoreErrorKind::LeaseLost));
    assert_eq!(world.store.find(MACHINE.to_owned(), "child".to_owned()).await?, None);
    Ok(())
}

/// What has the key is the instance, whoever started it.
pub async fn a_spawn_with_a_known_key_starts_nothing(world: World) -> Outcome {
    let known = world.start_with(Some("child"), delayed("known", 1000)).await?.id;
    let parent = world.claimed().await?;
    let worker = parent.lease.worker;
    world
        .done(parent.lease, vec![spawn(Some("child"), parent.task.instance), spawn(None, parent.task.instance)])
        .await?;
    assert_eq!(world.store.find(MACHINE.to_owned(), "child".to_owned()).await?, Some(known));
    assert_eq!(world.claim_contexts(worker).await?, [context("spawned")]);
    Ok(())
}

fn spawn(key: Option<&str>, parent: InstanceId) -> Next {
    let new = NewInstance::new(MACHINE, context("spawned"), task("spawned"));
    Next::Spawn(Box::new(NewInstance { key: key.map(str::to_owned), parent: Some(parent), ..new }))
}
