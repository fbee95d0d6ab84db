//! Continuations: the next page's task, made before this page is worked on.

use std::time::Duration;

use super::{
    Outcome,
    world::{LEASE, PERIOD, World, context, package, task},
};
use crate::store::{Claim, InstanceStatus, NewTask, Verdict};

/// Pages are worked on in parallel, by whoever is free.
pub async fn the_next_page_is_claimed_before_this_one_commits(world: World) -> Outcome {
    let first = world.claimed().await?;
    let page = page("1");
    assert!(world.store.advance(first.lease, page.clone()).await?);
    assert_eq!(world.instance(first.task.instance).await?.n_live, 2);
    let other = world.worker().await?;
    let second = world.claim_one(other).await?;
    assert_eq!((second.task.key, second.task.token, second.task.context), (page.key, page.token, page.context));
    assert_eq!((second.task.instance, second.task.window), (first.task.instance, None));
    for (n_left, lease) in [(1, second.lease), (0, first.lease)] {
        world.done(lease, Vec::new()).await?;
        assert_eq!(world.instance(first.task.instance).await?.n_live, n_left);
    }
    Ok(())
}

/// The second call is answered with no and does nothing.
pub async fn a_task_advances_once(world: World) -> Outcome {
    let first = world.claimed().await?;
    let answers = [
        world.store.advance(first.lease, page("1")).await?,
        world.store.advance(first.lease, page("1")).await?,
        world.store.advance(first.lease, page("2")).await?,
    ];
    assert_eq!(answers, [true, false, false]);
    assert_eq!(world.instance(first.task.instance).await?.n_live, 2);
    let next = world.claim_one(first.lease.worker).await?;
    assert_eq!(next.task.token.as_deref(), Some("1"));
    Ok(())
}

/// Whatever ended the attempt, and even when the next page is long gone: no page is made twice.
pub async fn a_task_advances_once_over_all_its_attempts(world: World) -> Outcome {
    let mut first = world.claimed().await?;
    assert!(world.store.advance(first.lease, page("1")).await?);
    let next = world.claim_one(first.lease.worker).await?;
    world.done(next.lease, Vec::new()).await?;
    for end in ["retry", "release", "retire", "rescue"] {
        match end {
            "retry" => {
                let retry = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
                world.store.commit(first.lease, retry.into()).await?;
            }
            "release" => world.store.release(first.lease, Duration::ZERO).await?,
            "retire" => world.store.retire(first.lease.worker).await?,
            _ => world.clock.advance(LEASE),
        }
        let worker = world.worker().await?;
        first = world.claim_one(worker).await?;
        assert!(!world.store.advance(first.lease, page("1")).await?, "after a {end}");
        assert_eq!(world.instance(first.task.instance).await?.n_live, 1, "after a {end}");
    }
    Ok(())
}

/// A chain is as long as its tokens say.
pub async fn every_page_advances_by_itself(world: World) -> Outcome {
    let first = world.claimed().await?;
    let (worker, id) = (first.lease.worker, first.task.instance);
    let mut pages: Vec<Claim> = vec![first];
    for token in 1..=4 {
        let last = pages[pages.len() - 1].lease;
        assert!(world.store.advance(last, page(&token.to_string())).await?);
        pages.push(world.claim_one(worker).await?);
    }
    assert_eq!(world.instance(id).await?.n_live, 5);
    for page in pages {
        assert_eq!(world.instance(id).await?.status, InstanceStatus::Active);
        world.done(page.lease, Vec::new()).await?;
    }
    assert_eq!(world.instance(id).await?.status, InstanceStatus::Finished);
    Ok(())
}

/// Only the window's own task drains it.
pub async fn a_page_that_a_fan_in_makes_has_no_window(world: World) -> Outcome {
    let worker = world.worker().await?;
    world.start_with(None, package("first")).await?;
    world.clock.advance(PERIOD);
    let gathering = world.claim_one(worker).await?;
    world.store.advance(gathering.lease, page("1")).await?;
    let page = world.claim_one(worker).await?;
    assert_eq!(page.task.window, None);
    world.done(page.lease, Vec::new()).await?;
    assert_eq!(world.store.seal(gathering.lease).await?, [context("first")]);
    Ok(())
}

/// Each page is a branch: one that is given up takes no other with it.
pub async fn a_page_outlives_the_failure_of_the_page_before(world: World) -> Outcome {
    let first = world.claimed().await?;
    world.store.advance(first.lease, page("1")).await?;
    world.store.commit(first.lease, Verdict::Fail { error: "no".to_owned() }.into()).await?;
    let instance = world.instance(first.task.instance).await?;
    assert_eq!((instance.status, instance.n_live), (InstanceStatus::Active, 1));
    let second = world.claim_one(first.lease.worker).await?;
    world.done(second.lease, Vec::new()).await?;
    assert_eq!(world.instance(first.task.instance).await?.status, InstanceStatus::Failed);
    Ok(())
}

fn page(token: &str) -> NewTask {
    NewTask { token: Some(token.to_owned()), ..task("page") }
}
