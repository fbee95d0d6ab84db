//! When a failed task is tried again: pure arithmetic.

use std::time::Duration;

/// How a task that failed is retried, as App Engine's task queues did it.
///
/// The delay before retry `n` starts at `min_backoff`, doubles `max_doublings` times, then grows by the last
/// doubled delay each time, and never exceeds `max_backoff`
/// ([queue reference](https://cloud.google.com/appengine/docs/legacy/standard/python/config/queueref)).
/// With both a limit and an age limit a task is given up only when both are exceeded; with neither it is never
/// given up.
///
/// ```
/// use std::time::Duration;
/// use fantasm::RetryPolicy;
///
/// let policy = RetryPolicy::new().min_backoff(10).max_backoff(300).max_doublings(3);
/// let delays: Vec<u64> = (1..=8).map(|retry| policy.backoff(retry).as_secs()).collect();
/// assert_eq!(delays, [10, 20, 40, 80, 160, 240, 300, 300]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a task is retried; the first attempt does not count.
    pub limit: Option<u32>,
    /// How long after its creation a task is still retried.
    pub age_limit: Option<Duration>,
    /// The delay before the first retry.
    pub min_backoff: Duration,
    /// The longest delay between two attempts.
    pub max_backoff: Duration,
    /// How often the delay doubles before it grows linearly.
    pub max_doublings: u32,
}

impl RetryPolicy {
    /// App Engine's defaults: no limits, from 0.1 seconds to an hour, 16 doublings.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            limit: None,
            age_limit: None,
            min_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(3600),
            max_doublings: 16,
        }
    }

    /// Retries at most `limit` times.
    #[must_use]
    pub const fn limit(self, limit: u32) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Retries a task that is at most `seconds` old.
    #[must_use]
    pub const fn age_limit(self, seconds: u64) -> Self {
        Self { age_limit: Some(Duration::from_secs(seconds)), ..self }
    }

    /// Waits at least `seconds` before a retry.
    #[must_use]
    pub const fn min_backoff(self, seconds: u64) -> Self {
        Self { min_backoff: Duration::from_secs(seconds), ..self }
    }

    /// Waits at most `seconds` before a retry.
    #[must_use]
    pub const fn max_backoff(self, seconds: u64) -> Self {
        Self { max_backoff: Duration::from_secs(seconds), ..self }
    }

    /// Doubles the delay `doublings` times before it grows linearly.
    #[must_use]
    pub const fn max_doublings(self, doublings: u32) -> Self {
        Self { max_doublings: doublings, ..self }
    }

    /// Decides after attempt `attempt` (from 1) of a task of that age: the delay before the next one, or `None` when
    /// the task is given up.
    #[must_use]
    pub fn next_attempt(&self, attempt: u32, age: Duration) -> Option<Duration> {
        let over_limit = self.limit.map(|limit| attempt > limit);
        let over_age = self.age_limit.map(|age_limit| age > age_limit);
        let exhausted = match (over_limit, over_age) {
            (Some(limit), Some(age)) => limit && age,
            (Some(over), None) | (None, Some(over)) => over,
            (None, None) => false,
        };
        (!exhausted).then(|| self.backoff(attempt))
    }

    /// The delay before retry `retry` (from 1).
    #[must_use]
    pub fn backoff(&self, retry: u32) -> Duration {
        let doublings = retry.saturating_sub(1).min(self.max_doublings);
        let doubled = self.min_backoff.saturating_mul(2u32.saturating_pow(doublings));
        let linear = retry.saturating_sub(1).saturating_sub(self.max_doublings);
        doubled.saturating_mul(linear.saturating_add(1)).min(self.max_backoff)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YOUNG: Duration = Duration::from_secs(1);
    const OLD: Duration = Duration::from_secs(1000);

    #[test]
    fn a_limit_counts_retries_not_attempts() {
        let policy = RetryPolicy::new().limit(2);
        assert!(policy.next_attempt(1, OLD).is_some());
        assert!(policy.next_attempt(2, OLD).is_some());
        assert_eq!(policy.next_attempt(3, YOUNG), None);
    }

    #[test]
    fn both_limits_must_be_exceeded() {
        let policy = RetryPolicy::new().limit(0).age_limit(10);
        assert!(policy.next_attempt(5, YOUNG).is_some());
        assert_eq!(policy.next_attempt(1, OLD), None);
    }

    #[test]
    fn without_limits_a_task_is_never_given_up_and_nothing_overflows() {
        let policy = RetryPolicy::new();
        assert_eq!(policy.next_attempt(u32::MAX, Duration::MAX), Some(policy.max_backoff));
    }
}
