//! When to claim, and how a worker's life ends.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{Settings, Shared, heartbeat, patience::patiently, running::Running};
use crate::{
    id::WorkerId,
    store::{StoreError, StoreErrorKind},
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
    patiently(|| Box::pin(shared.prepare_store())).await?;
    loop {
        let worker = WorkerId::random();
        patiently(|| shared.store.register(worker, settings.lease())).await?;
        let mut running = Running::default();
        let ended = tokio::select! {
            lost = heartbeat::heartbeat(shared, settings, worker) => lost.map(|()| Ended::LeaseLost),
            ended = live_and_drain(shared, settings, worker, &mut running, &mut stopping) => ended,
        };
        // Nobody may go on working on a task that is given back here or has been taken over.
        running.shutdown().await;
        match ended {
            Ok(Ended::LeaseLost) => tracing::warn!(%worker, "the lease was lost; going on under a new identity"),
            Ok(Ended::Stopping) => return patiently(|| shared.store.retire(worker)).await,
            Err(error) => return Err(error),
        }
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
        let free = free_slots(settings, running);
        let mut wake_at = None;
        if let Some(free) = free {
            let claiming = settings.claiming(shared, worker, free);
            let claims = match patiently(|| shared.store.claim(claiming.clone())).await {
                Err(error) if error.kind() == StoreErrorKind::LeaseLost => return Ok(Ended::LeaseLost),
                claims => claims?,
            };
            let is_exhausted = claims.len() < usize::try_from(free.get()).unwrap_or(usize::MAX);
            for claim in claims {
                running.begin(shared, claim);
            }
            if is_exhausted {
                let next = patiently(|| shared.store.next_due(claiming.clone())).await?;
                wake_at = Some(Instant::now() + next.map_or(POLL_INTERVAL, |wait| wait.min(POLL_INTERVAL)));
            }
        }
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

fn free_slots(settings: &Settings, running: &Running) -> Option<NonZeroU32> {
    let n_running = u32::try_from(running.len()).unwrap_or(u32::MAX);
    NonZeroU32::new(settings.concurrency.get().saturating_sub(n_running))
}
