//! Starting instances.

use tokio::task::JoinSet;

use super::{
    Outcome,
    world::{MACHINE, PERIOD, World, context, delayed, hop, instance, package, task},
};
use crate::{
    clock::Clock,
    store::{Claiming, Headers, InstanceStatus, NewInstance, NewTask, StoreError},
};

/// An instance has one live branch from its start on.
pub async fn a_start_makes_an_active_instance_with_one_live_branch(world: World) -> Outcome {
    let started = world.start_with(Some("key"), task("first")).await?;
    assert!(started.is_new);
    let instance = world.instance(started.id).await?;
    assert_eq!(instance.id, started.id);
    assert_eq!(instance.machine, MACHINE);
    assert_eq!(instance.key.as_deref(), Some("key"));
    assert_eq!(instance.status, InstanceStatus::Active);
    assert_eq!(instance.n_live, 1);
    assert_eq!(instance.context, context("start"));
    assert_eq!(instance.created_at, world.clock.now());
    assert_eq!((instance.ended_at, instance.reason, instance.failed), (None, None, Vec::new()));
    Ok(())
}

/// Nothing of a task is lost on its way.
pub async fn the_first_task_carries_what_it_was_given(world: World) -> Outcome {
    let worker = world.worker().await?;
    let new = NewTask {
        hop: hop("A", "go", "B"),
        queue: "slow".to_owned(),
        token: Some("7".to_owned()),
        ..delayed("first", 5)
    };
    let created_at = world.clock.now();
    let id = world.start_with(None, new.clone()).await?.id;
    world.clock.advance(new.delay);
    let task = world.claim_one(worker).await?.task;
    assert_eq!((task.instance, task.machine.as_str()), (id, MACHINE));
    assert_eq!((task.key, task.hop, task.queue), (new.key, new.hop, new.queue));
    assert_eq!((task.context, task.token), (new.context, new.token));
    assert_eq!((task.window, task.attempt, task.created_at), (None, 1, created_at));
    Ok(())
}

/// The second start with a key answers the first one's instance and changes nothing.
pub async fn a_known_key_starts_nothing(world: World) -> Outcome {
    let worker = world.worker().await?;
    let first = world.start_with(Some("key"), task("first")).await?;
    let before = world.instance(first.id).await?;
    let second = world
        .start_one(NewInstance { key: Some("key".to_owned()), context: context("other"), ..instance(task("second")) })
        .await?;
    assert_eq!((second.id, second.is_new), (first.id, false));
    assert_eq!(world.instance(first.id).await?, before);
    assert_eq!(world.claim_contexts(worker).await?, [context("first")]);
    Ok(())
}

/// Starting is idempotent for good, not only while the instance is active.
pub async fn a_key_is_known_even_when_its_instance_has_ended(world: World) -> Outcome {
    let worker = world.worker().await?;
    let first = world.start_with(Some("key"), task("first")).await?;
    let claim = world.claim_one(worker).await?;
    world.done(claim.lease, Vec::new()).await?;
    let second = world.start_with(Some("key"), task("second")).await?;
    assert_eq!((second.id, second.is_new), (first.id, false));
    assert_eq!(world.claim(worker).await?, []);
    Ok(())
}

/// Two machines may use the same key.
pub async fn keys_belong_to_their_machine(world: World) -> Outcome {
    let start = |machine: &str| NewInstance {
        machine: machine.to_owned(),
        key: Some("key".to_owned()),
        ..instance(task("first"))
    };
    let a = world.start_one(start("A")).await?;
    let b = world.start_one(start("B")).await?;
    assert!(a.is_new && b.is_new);
    assert_ne!(a.id, b.id);
    Ok(())
}

/// Only a key makes a start idempotent.
pub async fn without_a_key_every_start_is_new(world: World) -> Outcome {
    let first = world.start_with(None, task("first")).await?;
    let second = world.start_with(None, task("first")).await?;
    assert!(first.is_new && second.is_new);
    assert_ne!(first.id, second.id);
    Ok(())
}

/// Of starts that race, one wins and all others learn of it.
pub async fn concurrent_starts_with_one_key_start_once(world: World) -> Outcome {
    let mut starts = JoinSet::new();
    for racer in 0..16 {
        let store = world.store.clone();
        let instance = NewInstance { key: Some("key".to_owned()), ..instance(task(&racer.to_string())) };
        starts.spawn(async move { store.start(vec![instance]).await });
    }
    let started = starts.join_all().await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
    assert_eq!(started.iter().flatten().filter(|started| started.is_new).count(), 1);
    assert!(started.iter().flatten().all(|other| other.id == started[0][0].id));
    let worker = world.worker().await?;
    world.claim_one(worker).await?;
    Ok(())
}

/// An initial fan-in state waits for its window; the instance lives by the window's task.
pub async fn an_instance_may_start_in_a_fan_in(world: World) -> Outcome {
    let worker = world.worker().await?;
    let id = world.start_with(None, package("first")).await?.id;
    assert_eq!(world.instance(id).await?.n_live, 1);
    assert_eq!(world.claim(worker).await?, []);
    world.clock.advance(PERIOD);
    let claim = world.claim_one(worker).await?;
    assert_eq!(world.store.seal(claim.lease).await?, [context("first")]);
    world.done(claim.lease, Vec::new()).await?;
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// Names and contexts are data: no character means anything to the store.
pub async fn any_text_comes_back_as_it_was(world: World) -> Outcome {
    let worker = world.worker().await?;
    let (long, large) = ("x".repeat(crate::MAX_NAME_BYTES), "x".repeat(crate::MAX_CONTEXT_BYTES - 2));
    for text in ["", " ", "it's", "a,b", "[\"a\"]", "%_*?", "ä\u{1f980}", "line\nbreak", "NULL", &long] {
        let data = if text == long { &large } else { text };
        let first = NewTask {
            hop: hop(text, text, text),
            queue: text.to_owned(),
            token: Some(serde_json::Value::from(data).to_string()),
            ..task(data)
        };
        let new = NewInstance { key: Some(text.to_owned()), ..NewInstance::new(text, context(data), first.clone()) };
        let id = world.start_one(new).await?.id;
        let claiming = Claiming {
            machines: vec![text.to_owned()],
            queues: Some(vec![text.to_owned()]),
            ..super::world::claiming(worker)
        };
        let claims = world.store.claim(claiming).await?;
        let [claim] = claims.as_slice() else { panic!("one task of {text:?} is due: {claims:?}") };
        assert_eq!(claim.task.machine, text);
        assert_eq!((&claim.task.hop, &claim.task.queue), (&first.hop, &first.queue));
        assert_eq!((&claim.task.context, &claim.task.token), (&first.context, &first.token));
        assert_eq!(world.store.find(text.to_owned(), text.to_owned()).await?, Some(id));
    }
    Ok(())
}

/// In the order in which they were given; a key that is known is answered among the others.
pub async fn several_start_together(world: World) -> Outcome {
    let known = world.start_with(Some("known"), task("known")).await?;
    let keyed = |key: &str| NewInstance { key: Some(key.to_owned()), ..instance(task(key)) };
    let started = world.store.start(vec![keyed("a"), keyed("known"), instance(task("b")), keyed("a")]).await?;
    assert_eq!(started.iter().map(|started| started.is_new).collect::<Vec<_>>(), [true, false, true, false]);
    assert_eq!((started[1].id, started[3].id), (known.id, started[0].id));
    assert_eq!(world.store.start(Vec::new()).await?, []);
    let worker = world.worker().await?;
    assert_eq!(world.claim_contexts(worker).await?, ["known", "a", "b"].map(context));
    Ok(())
}

/// With every task of the instance, unchanged.
pub async fn headers_travel_with_every_task(world: World) -> Outcome {
    let worker = world.worker().await?;
    let mut headers = Headers::default();
    headers.insert("trace", "it's \"7\"");
    headers.insert("tenant", "");
    let started = world.start_one(NewInstance { headers: headers.clone(), ..instance(task("first")) }).await?;
    assert_eq!(world.instance(started.id).await?.headers, headers);
    let claim = world.claim_one(worker).await?;
    assert_eq!(claim.task.headers, headers);
    world.done(claim.lease, vec![package("member").into()]).await?;
    world.clock.advance(PERIOD);
    assert_eq!(world.claim_one(worker).await?.task.headers, headers);
    world.start().await?;
    assert_eq!(world.claim_one(worker).await?.task.headers, Headers::default());
    Ok(())
}
