//! Tokio's time as a clock.

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
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH.saturating_add(self.0.elapsed()).unwrap_or(Timestamp::MAX)
    }
}
