//! What follows from a failure: another attempt, or a task that is kept with its error.

use std::time::Duration;

use jiff::Timestamp;

use crate::engine::{
    commit::{NewTask, Next, Verdict},
    path::Path,
    step,
    task::{Hop, Task},
};

/// Decides by the path's retry policy, or against it when a further attempt cannot help; a task that is given up goes on
/// in the state that its own state names for failures, or is kept.
pub(super) fn decide(path: &Path<'_>, task: &Task, error: String, is_permanent: bool, now: Timestamp) -> Verdict {
    let age = Duration::try_from(now.duration_since(task.created_at)).unwrap_or_default();
    match path.retry().next_attempt(task.attempt, age) {
        Some(delay) if !is_permanent => Verdict::Retry { delay, error },
        _ => match jump(path, task, &error) {
            Some(next) => Verdict::Done { next: vec![next], context: task.context.clone() },
            None => Verdict::Fail { error },
        },
    }
}

/// The way on after a failure. A fan-in has none: its contexts are packages, and are kept with its task.
fn jump(path: &Path<'_>, task: &Task, error: &str) -> Option<Next> {
    let (_, from) = path.to?;
    let at = from.on_failure?;
    let to = &path.machine.states[at];
    if task.window.is_some() {
        return None;
    }
    let hop = Hop::Jump { from: step::stored(from, to), to: step::stored(to, to) };
    let next = NewTask::new(task.key.child("failure", 0), hop, task.queue.clone(), task.context.clone());
    let (queue_override, cause) = (task.queue_override.clone(), Some(error.to_owned()));
    Some(step::enter(path.machine, at, NewTask { target: task.target.clone(), queue_override, cause, ..next }))
}
