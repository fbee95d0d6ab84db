//! Time as an input: the one place of the crate that reads it.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};
#[cfg(feature = "sqlite")]
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
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

/// A moment after which something is given up, by the time that really passes: no clock that is moved would end it.
#[cfg(feature = "sqlite")]
#[derive(Debug)]
pub(crate) struct Deadline {
    made_at: Instant,
    /// In microseconds since then; the greatest number where there is none.
    at: AtomicU64,
}

#[cfg(feature = "sqlite")]
impl Default for Deadline {
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the time")]
    fn default() -> Self {
        Self { made_at: Instant::now(), at: AtomicU64::new(u64::MAX) }
    }
}

#[cfg(feature = "sqlite")]
impl Deadline {
    /// Sets it to so long from now.
    pub(crate) fn set(&self, after: Duration) {
        self.at.store(micros(self.made_at.elapsed().saturating_add(after)), Ordering::Relaxed);
    }

    /// From now on there is none.
    pub(crate) fn lift(&self) {
        self.at.store(u64::MAX, Ordering::Relaxed);
    }

    /// Whether it has passed.
    pub(crate) fn is_over(&self) -> bool {
        let at = self.at.load(Ordering::Relaxed);
        at != u64::MAX && micros(self.made_at.elapsed()) >= at
    }
}

#[cfg(feature = "sqlite")]
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
