//! What starts when an instance ends.

use std::slice;

use super::{
    Outcome,
    world::{MACHINE, World, context, instance, task},
};
use crate::{
    id::InstanceId,
    store::{Claiming, Headers, Hop, NewInstance, OnEnd, Started, StoreError, Task, Verdict},
};

/// The machine that is told.
const NEXT: &str = "Next";

/// With the commit that ends the instance, and with what there is to tell of it.
pub async fn the_end_starts_what_was_named(world: World) -> Outcome {
    let mut headers = Headers::default();
    headers.insert("trace", "7");
    let new = NewInstance { key: Some("key".to_owned()), headers: headers.clone(), ..told("first", 2) };
    let id = world.start_one(new).await?.id;
    let worker = world.worker().await?;
    let claim = world.claim_one(worker).await?;
    world.done(claim.lease, vec![task("last").into()]).await?;
    assert_eq!(successors(&world).await?, [], "it has not ended");
    let claim = world.claim_one(worker).await?;
    world.done(claim.lease, Vec::new()).await?;

    let successors = successors(&world).await?;
    assert_eq!(successors.len(), 2);
    assert_ne!(successors[0].key, successors[1].key);
    for (ordinal, task) in successors.iter().enumerate() {
        let told = serde_json::json!({
            "instance": id.0, "machine": MACHINE, "key": "key", "status": "finished", "context": {"name": "done"},
            "extra": ordinal,
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&task.context).expect("JSON"), told);
        assert_eq!(task.hop, Hop::Start { to: "Begin".to_owned() });
        assert_eq!((task.queue.as_str(), task.target.as_deref(), &task.headers), ("told", Some("gpu"), &headers));
        assert_eq!(world.instance(task.instance).await?.parent, Some(id));
    }
    Ok(())
}

/// Whatever the end, and again at the end after a retry.
pub async fn every_end_is_told(world: World) -> Outcome {
    let worker = world.worker().await?;
    let ended = async |verdict: Verdict| -> Result<InstanceId, StoreError> {
        let Started { id, .. } = world.start_one(told("first", 1)).await?;
        let claim = world.claim_one(worker).await?;
        world.store.commit(claim.lease, verdict.into()).await?;
        Ok(id)
    };
    ended(Verdict::Halt { reason: "enough".to_owned() }).await?;
    assert_eq!(told_statuses(&world).await?, [("halted".to_owned(), Some("enough".to_owned()))]);
    let failed = ended(Verdict::Fail { error: "broken".to_owned() }).await?;
    assert_eq!(told_statuses(&world).await?, [("failed".to_owned(), None)]);
    world.store.retry(failed, None).await?;
    let claim = world.claim_one(worker).await?;
    world.done(claim.lease, Vec::new()).await?;
    assert_eq!(told_statuses(&world).await?, [("finished".to_owned(), None)]);
    let cancelled = world.start_one(told("first", 1)).await?.id;
    world.store.cancel(cancelled).await?;
    assert_eq!(told_statuses(&world).await?, [("cancelled".to_owned(), None)]);
    world.store.cancel(cancelled).await?;
    assert_eq!(told_statuses(&world).await?, [], "an end is told once");
    Ok(())
}

fn told(name: &str, n_successors: u64) -> NewInstance {
    let on_end = |ordinal: u64| OnEnd {
        machine: NEXT.to_owned(),
        initial: "Begin".to_owned(),
        queue: "told".to_owned(),
        target: Some("gpu".to_owned()),
        context: [("extra".to_owned(), ordinal.into())].into_iter().collect(),
    };
    NewInstance { on_end: (0..n_successors).map(on_end).collect(), ..instance(task(name)) }
}

/// Takes the successors' first tasks, in the order in which they were made, and ends them.
async fn successors(world: &World) -> Result<Vec<Task>, StoreError> {
    let worker = world.worker().await?;
    let claiming = Claiming { machines: vec![NEXT.to_owned()], ..super::world::claiming(worker) };
    let claims = world.store.claim(claiming).await?;
    for claim in &claims {
        let verdict = Verdict::Done { next: Vec::new(), context: context("told") };
        world.store.commit(claim.lease, verdict.into()).await?;
    }
    Ok(claims.into_iter().map(|claim| claim.task).collect())
}

async fn told_statuses(world: &World) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let text = |told: &serde_json::Value, name: &str| told.get(name)?.as_str().map(str::to_owned);
    let told = |task: &Task| {
        let told: serde_json::Value = serde_json::from_str(&task.context).expect("a completion is JSON");
        (text(&told, "status").expect("every end has a status"), text(&told, "reason"))
    };
    Ok(successors(world).await?.iter().flat_map(slice::from_ref).map(told).collect())
}
