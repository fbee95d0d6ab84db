//! Tokio's time as a clock.

use std::{future, time::Duration};

use fantasm::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// A clock that stands at the Unix epoch when it is made and goes as tokio's time does, which tests pause.
#[derive(Debug)]
pub struct TokioClock(Instant);

impl TokioClock {
    /// Begins at the Unix epoch.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it reads tokio's time")]
    pub fn new() -> Self {
        Self(Instant::now())
    }

    /// Lets paused time pass, for which nobody has to wait in fact.
    ///
    /// # Panics
    /// When time is not paused.
    pub async fn pass(time: Duration) {
        // Only paused time can be moved on.
        tokio::time::advance(Duration::ZERO).await;
        let _ = tokio::time::timeout(time, future::pending::<()>()).await;
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH.saturating_add(self.0.elapsed()).unwrap_or(Timestamp::MAX)
    }
}
