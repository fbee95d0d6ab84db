//! One transition, and when its task runs.

use super::StateId;
use crate::integer::Integer;
use crate::name::EventName;
use crate::path::{ActionPath, RustPath};
use crate::source::Place;

/// What an event of a state leads to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transition {
    /// The event that selects it, unique in its state; the path of a constant as it is written, when the file has that.
    pub event: EventName,
    /// The constant whose value is the name of the event, when the file names one.
    pub constant: Option<RustPath>,
    /// The names that its event had before, by which tasks may still be stored; the latest first.
    pub renamed_from: Vec<EventName>,
    /// What the author says it is for, in one line.
    pub description: Option<String>,
    /// The state it leads to.
    pub to: StateId,
    /// What runs on the way.
    pub action: Option<ActionPath>,
    /// The queue of its task: its own, else the machine's.
    pub queue: String,
    /// The label of the workers that may run its task: its own, else the machine's.
    pub target: Option<String>,
    /// How long its task waits.
    pub countdown: Countdown,
    /// How often and when its task is tried again: each number its own, else the machine's.
    pub retry: RetryPolicy,
    /// Where its event is written.
    pub place: Place,
}

/// How long a task waits before it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Countdown {
    /// So many seconds; the default levels refuse a negative number.
    Fixed(Integer),
    /// A number of seconds drawn evenly from a range, both ends included. `minimum <= maximum`, and neither is negative.
    Between {
        /// The shortest wait in seconds.
        minimum: Integer,
        /// The longest wait in seconds.
        maximum: Integer,
    },
}

/// How often and when a failed task is tried again; what is not given is the runtime's choice.
///
/// The default levels refuse negative numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many retries follow the first attempt.
    pub task_retry_limit: Option<Integer>,
    /// The shortest wait before a retry.
    pub min_backoff_seconds: Option<Integer>,
    /// The longest wait before a retry.
    pub max_backoff_seconds: Option<Integer>,
    /// How old, in seconds, a task may grow before it is given up.
    pub task_age_limit: Option<Integer>,
    /// How often the wait doubles before it grows by equal parts.
    pub max_doublings: Option<Integer>,
}
