//! What follows from a failure: another attempt, or a task that is kept with its error.

use std::time::Duration;

use jiff::Timestamp;

use crate::engine::{commit::Commit, path::Path, task::Task};

/// Decides by the path's retry policy, or against it when a further attempt cannot help.
pub(super) fn decide(path: &Path<'_>, task: &Task, error: String, is_permanent: bool, now: Timestamp) -> Commit {
    let age = Duration::try_from(now.duration_since(task.created_at)).unwrap_or_default();
    match path.retry().next_attempt(task.attempt, age) {
        Some(delay) if !is_permanent => Commit::Retry { delay, error },
        _ => Commit::Fail { error },
    }
}
