//! A limit at our side of everything that is asked of the server.
//!
//! The server's own limits do not help where nothing arrives: behind a proxy that stands still, or a network that swallows
//! what it is given, a connection is silent for ever and looks like one whose statement takes its time. Whatever has met with
//! silence throws its connection away, as the answer may still come, to somebody who has asked for something else.

use std::time::Duration;

use crate::store::{StoreError, StoreErrorKind};

/// How much longer than the server we wait at most, for what is on the way and for what the server does first.
const MAX_MARGIN: Duration = Duration::from_secs(10);

/// The least time that a heartbeat has.
const MIN_HEARTBEAT: Duration = Duration::from_secs(1);

/// How long to wait for the answer to a statement that the server gives up after this time (never, where it is zero).
pub(super) fn beyond(statement_timeout: Duration) -> Duration {
    if statement_timeout.is_zero() {
        return Duration::MAX;
    }
    statement_timeout.saturating_add(statement_timeout.min(MAX_MARGIN))
}

/// How long a heartbeat may take, so that after one that was not answered another can still save the lease.
pub(super) fn of_heartbeat(lease: Duration) -> Duration {
    (lease / 4).max(MIN_HEARTBEAT)
}

/// Waits for an answer for so long.
pub(super) async fn within<T>(limit: Duration, answer: impl Future<Output = T>) -> Result<T, StoreError> {
    tokio::time::timeout(limit, answer).await.map_err(|elapsed| {
        let message = "the PostgreSQL server has fallen silent, or what is between it and this program: the connection was \
                       given up";
        StoreError::new(StoreErrorKind::Unavailable, message).with_source(elapsed)
    })
}
