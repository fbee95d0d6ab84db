//! When to claim, and how a worker's life ends.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Settings, Shared, heartbeat,
    running::{Lane, Running},
};
use crate::{
    id::WorkerId,
    patience::patiently,
    store::{Claim, Claiming, StoreError, StoreErrorKind},
};

/// How often a worker with nothing to do looks by itself, should another process have made a task.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How one life of a worker ended.
enum Ended {
    /// It was asked to stop.
    Stopping,
    /// It was silent for too long and its tasks were taken over.
    LeaseLost,
}

/// Lives, under one identity after another, until it is asked to stop.
pub(super) async fn run(
    shared: &Arc<Shared>,
    settings: &Settings,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), StoreError> {
    let prepare = patiently(shared.patience, || Box::pin(shared.prepare_store()));
    if unless_stopping(&mut stopping, prepare).await.transpose()?.is_none() {
        return Ok(());
    }
    loop {
        let worker = WorkerId::random();
        let register = patiently(shared.patience, || shared.store.register(worker, settings.lease()));
        if unless_stopping(&mut stopping, register).await.transpose()?.is_none() {
            return Ok(());
        }
        let mut running = Running::default();
        let ended = tokio::select! {
            lost = heartbeat::heartbeat(shared, settings, worker) => lost.map(|()| Ended::LeaseLost),
            ended = live_and_drain(shared, settings, worker, &mut running, &mut stopping) => ended,
        };
        // Nobody may go on working on a task that is given back here or has been taken over. One that blocks its thread cannot
        // be stopped: it is left behind, and what it commits is refused.
        if timeout(settings.heartbeat, running.shutdown()).await.is_err() {
            tracing::warn!(%worker, "an action blocks its thread and is left behind; let it await, or use `spawn_blocking`");
        }
        match ended {
            Ok(Ended::LeaseLost) => tracing::warn!(%worker, "the lease was lost; going on under a new identity"),
            // Whoever shuts down has said how long that may take.
            Ok(Ended::Stopping) => {
                return patiently(shared.patience.min(settings.grace), || shared.store.retire(worker)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Waits for something, or for the worker to be asked to stop: then there is no answer.
async fn unless_stopping<T>(stopping: &mut watch::Receiver<bool>, waiting: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        answer = waiting => Some(answer),
        _ = stopping.wait_for(|stopping| *stopping) => None,
    }
}

/// Claims and runs tasks until it is asked to stop, then waits for those that run, within the grace period.
async fn live_and_drain(
    shared: &Arc<Shared>,
    settings: &Settings,
    worker: WorkerId,
    running: &mut Running,
    stopping: &mut watch::Receiver<bool>,
) -> Result<Ended, StoreError> {
    let ended = live(shared, settings, worker, running, stopping).await?;
    if matches!(ended, Ended::Stopping) {
        let drain = async {
            running.drop_ended(shared, Duration::ZERO).await;
            while let Some(done) = running.next().await {
                running.settle(shared, done).await?;
            }
            Ok::<(), StoreError>(())
        };
        // Those that outlast the grace period are given back.
        timeout(settings.grace, drain).await.unwrap_or(Ok(()))?;
    }
    Ok(ended)
}

/// Claims and runs tasks until it is asked to stop.
async fn live(
    shared: &Arc<Shared>,
    settings: &Settings,
    worker: WorkerId,
    running: &mut Running,
    stopping: &mut watch::Receiver<bool>,
) -> Result<Ended, StoreError> {
    let mut due = shared.store.notifier().due();
    let mut look_at = Instant::now() + settings.heartbeat;
    loop {
        if *stopping.borrow() {
            return Ok(Ended::Stopping);
        }
        due.mark_unchanged();
        // What a claim has taken that is not waited for is given back when the worker retires.
        let wake_at = match unless_stopping(stopping, claim(shared, settings, worker, running)).await {
            None => return Ok(Ended::Stopping),
            Some(Err(error)) if error.kind() == StoreErrorKind::LeaseLost => return Ok(Ended::LeaseLost),
            Some(wait) => wait?.map(|wait| Instant::now() + wait),
        };
        let mut next_done = None;
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return Ok(Ended::Stopping),
            Some(done) = running.next() => next_done = Some(done),
            () = sleep_until(look_at) => {}
            Ok(()) = due.changed(), if wake_at.is_some() => {}
            () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {}
        }
        if let Some(done) = next_done {
            running.settle(shared, done).await?;
        }
        if look_at <= Instant::now() {
            running.drop_ended(shared, settings.heartbeat).await;
            look_at = Instant::now() + settings.heartbeat;
        }
        // A group of commits is answered at once: whoever was waiting for it with the first comes back before the next
        // claim, which so is one for all of them.
        tokio::task::yield_now().await;
        while let Some(done) = running.try_next() {
            running.settle(shared, done).await?;
        }
    }
}

/// Claims tasks for the slots that are free and begins to run them. Where slots are left, it answers how long it is until it
/// is worth asking again.
async fn claim(
    shared: &Arc<Shared>,
    settings: &Settings,
    worker: WorkerId,
    running: &mut Running,
) -> Result<Option<Duration>, StoreError> {
    let claiming = |lane| {
        let free = settings.slots(lane).saturating_sub(u32::try_from(running.count(lane)).unwrap_or(u32::MAX));
        let claiming = NonZeroU32::new(free).map(|free| settings.claiming(shared, worker, lane, free));
        claiming.filter(|claiming| !claiming.machines.is_empty())
    };
    let (steps, webhooks) = (claiming(Lane::Steps), claiming(Lane::Webhooks));
    let (steps, webhooks) = tokio::try_join!(fill(shared, steps), fill(shared, webhooks))?;
    let mut asking: Option<Claiming> = None;
    for (claims, open) in [steps, webhooks] {
        claims.into_iter().for_each(|claim| running.begin(shared, claim));
        match (&mut asking, open) {
            (Some(asking), Some(open)) => asking.machines.extend(open.machines),
            (None, open) => asking = open,
            (_, None) => {}
        }
    }
    let Some(asking) = asking else { return Ok(None) };
    let next = patiently(shared.patience, || shared.store.next_due(asking.clone())).await?;
    Ok(Some(next.map_or(POLL_INTERVAL, |wait| wait.min(POLL_INTERVAL))))
}

/// Claims what there is for the slots of one kind; answers the claim as well where slots are left.
async fn fill(shared: &Shared, claiming: Option<Claiming>) -> Result<(Vec<Claim>, Option<Claiming>), StoreError> {
    let Some(claiming) = claiming else { return Ok((Vec::new(), None)) };
    let claims = patiently(shared.patience, || shared.store.claim(claiming.clone())).await?;
    let is_exhausted = claims.len() < usize::try_from(claiming.limit.get()).unwrap_or(usize::MAX);
    Ok((claims, is_exhausted.then_some(claiming)))
}
