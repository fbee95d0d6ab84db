//! What subscribers of `tracing` are told of each step: a span around the attempt, and one event at its end.

use std::time::Duration;

use tracing::Span;

use crate::engine::{Commit, Task, Verdict};

/// The span of an attempt: whatever its user code tells `tracing` is told inside.
pub(super) fn span(task: &Task) -> Span {
    tracing::info_span!(
        "step",
        machine = %task.machine,
        instance = task.instance.0,
        task = task.id.0,
        from = task.hop.from(),
        event = task.hop.event(),
        state = task.hop.to(),
        attempt = task.attempt,
        key = %task.key,
    )
}

/// Tells how an attempt ended, once that is committed. `error` is what went wrong in it, whatever that led to.
pub(super) fn tell(commit: &Commit, error: Option<&str>, took: Duration) {
    match (&commit.verdict, error) {
        (Verdict::Done { next, .. }, None) => tracing::debug!(?took, n_next = next.len(), "the step is done"),
        (Verdict::Done { .. }, Some(error)) => {
            tracing::warn!(error, ?took, "the attempt failed, and the state for failures takes over");
        }
        (Verdict::Retry { delay, error }, _) => {
            tracing::warn!(error, ?took, ?delay, "the attempt failed, and is followed by another");
        }
        (Verdict::Fail { error }, _) => tracing::error!(error, ?took, "the task was given up"),
        (Verdict::Halt { reason }, _) => tracing::info!(reason, ?took, "the instance was halted"),
    }
}
