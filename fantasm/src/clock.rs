//! Time as an input: the one place of the crate that reads it.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

/// Where the engine's time comes from; a store and the worker beside it share one.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Reads the time.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock that everything else is to use")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// How long it is until a time, none if it has passed.
pub(crate) fn until(time: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(time.duration_since(now)).unwrap_or_default()
}

/// A clock that stands still until somebody moves it: a test, or a machine that is run [at once](crate::Immediate).
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// Stops the clock at the Unix epoch.
    #[must_use]
    pub fn new() -> Self {
        Self::stopped_at(Timestamp::UNIX_EPOCH)
    }

    /// Stops the clock at that time.
    #[must_use]
    pub fn stopped_at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
    }

    /// Sets the clock, also back, as somebody may set that of a machine.
    pub fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Moves the clock forward to `at`; a time that has passed leaves it where it is.
    pub fn advance_to(&self, at: Timestamp) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = at.max(*now);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
