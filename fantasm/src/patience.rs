//! Patience with a store that does not answer at once.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    retry::RetryPolicy,
    store::{StoreError, StoreFuture},
};

/// How a call is repeated: soon at first, and never so rarely that work stands still when the store is back.
const POLICY: RetryPolicy = RetryPolicy::new().max_backoff(5);

/// How long a store may be silent unless somebody says otherwise: a database that is restarted or fails over is back by then.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// Repeats a call that may succeed later, until it has failed for so long; then the error is the answer.
///
/// A call that took effect although its answer was lost is found out by the fence: the repetition is refused as one
/// whose lease is lost.
pub(crate) async fn patiently<'a, T>(
    patience: Duration,
    mut call: impl FnMut() -> StoreFuture<'a, T>,
) -> Result<T, StoreError> {
    let since = Instant::now();
    let mut attempt = 1;
    loop {
        let error = match call().await {
            Err(error) if error.is_retryable() => error,
            answer => return answer,
        };
        let delay = POLICY.backoff(attempt);
        if since.elapsed().saturating_add(delay) > patience {
            return Err(error);
        }
        tracing::warn!(%error, attempt, "the store does not answer; trying again");
        tokio::time::sleep(delay).await;
        attempt += 1;
    }
}
