//! One queue.

use super::RetryPolicy;
use crate::integer::Integer;
use crate::source::Place;

/// A queue and its limits; what is not given is not limited.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Queue {
    /// Its name, unique in the spec.
    pub name: String,
    /// How many of its tasks start in a stretch of time.
    pub rate: Option<Rate>,
    /// How many of its tasks may start at once after a pause.
    pub bucket_size: Option<Integer>,
    /// How many of its tasks run at the same time.
    pub max_concurrent_requests: Option<Integer>,
    /// What counts for tasks whose transition says nothing.
    pub retry: RetryPolicy,
    /// The label of the workers that run tasks whose transition names none.
    pub target: Option<String>,
    /// Where its name is written.
    pub place: Place,
}

/// So many tasks in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rate {
    /// The number of tasks; zero stops the queue.
    pub n_tasks: f64,
    /// 1, or the seconds of a minute, an hour or a day.
    pub seconds: u32,
}
