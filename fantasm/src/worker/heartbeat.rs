//! Renews the leases of a worker's tasks.

use std::time::Duration;

use super::{Settings, Shared};
use crate::{
    id::WorkerId,
    store::{StoreError, StoreErrorKind},
};

/// Renews until the lease is lost, and then returns; an error that may pass is told and tried again soon: the
/// lease ends with the second beat, which would be too late.
pub(super) async fn heartbeat(shared: &Shared, settings: &Settings, worker: WorkerId) -> Result<(), StoreError> {
    let mut beats = tokio::time::interval(settings.heartbeat.max(Duration::from_millis(1)));
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        match shared.store.renew(worker, settings.lease()).await {
            Ok(()) => {}
            Err(error) if error.kind() == StoreErrorKind::LeaseLost => return Ok(()),
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "the heartbeat was not stored");
                beats.reset_after(settings.heartbeat / 8);
            }
            Err(error) => return Err(error),
        }
    }
}
