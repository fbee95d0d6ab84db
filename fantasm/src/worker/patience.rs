//! Patience with a store that does not answer at once.

use std::time::Duration;

use crate::{
    retry::RetryPolicy,
    store::{StoreError, StoreFuture},
};

/// Repeats a call that may succeed later: for about a quarter of a minute, then the error is the answer.
///
/// A call that took effect although its answer was lost is found out by the fence: the repetition is refused as one
/// whose lease is lost.
pub(super) async fn patiently<'a, T>(mut call: impl FnMut() -> StoreFuture<'a, T>) -> Result<T, StoreError> {
    let policy = RetryPolicy::new().limit(7);
    let mut attempt = 1;
    loop {
        let error = match call().await {
            Err(error) if error.is_retryable() => error,
            answer => return answer,
        };
        let Some(delay) = policy.next_attempt(attempt, Duration::ZERO) else { return Err(error) };
        tracing::warn!(%error, attempt, "the store does not answer; trying again");
        tokio::time::sleep(delay).await;
        attempt += 1;
    }
}
