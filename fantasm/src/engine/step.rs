//! One step: what follows from what user code answered.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    answer::Answer,
    engine::{
        commit::{Commit, NewInstance, NewTask, Next},
        failure, fan_in,
        path::Path,
        task::{Hop, Task},
    },
    id::TaskKey,
    machine::{Countdown, MachineDescriptor, StateDescriptor, TransitionDescriptor},
};

/// What became of one attempt to run a task's user code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All phases ran; contexts are JSON.
    Answered {
        /// What the action answered.
        answer: Answer,
        /// The context as the action left it.
        context: String,
        /// The contexts of the forks it asked for.
        forks: Vec<String>,
    },
    /// The continuation had nothing to do on this page: the action was not run.
    Skipped,
    /// User code asked that the instance end here.
    Halted {
        /// Why.
        reason: String,
    },
    /// User code failed, or panicked, or its context could not be stored.
    Failed {
        /// What went wrong.
        error: String,
        /// Whether a further attempt cannot help.
        is_permanent: bool,
    },
}

/// Decides what one attempt at a task does to the store.
#[must_use]
pub(crate) fn step(machine: &MachineDescriptor, task: &Task, outcome: Outcome, now: Timestamp) -> Commit {
    let path = match Path::resolve(machine, &task.hop) {
        Ok(path) => path,
        Err(unknown) => return Commit::Fail { error: unknown.to_string() },
    };
    let refused = |error: String| failure::decide(&path, task, error, true, now);
    match outcome {
        Outcome::Failed { error, is_permanent } => failure::decide(&path, task, error, is_permanent, now),
        Outcome::Halted { reason } => Commit::Halt { reason },
        Outcome::Skipped => Commit::Done { next: Vec::new(), context: task.context.clone() },
        Outcome::Answered { answer, context, forks } => match follow(&path, task, answer, &context, forks) {
            Ok(next) => Commit::Done { next, context },
            Err(error) => refused(error),
        },
    }
}

/// Decides how an instance starts; the machine's countdown does not delay it, as in the original.
#[must_use]
pub(crate) fn start(machine: &MachineDescriptor, root: TaskKey, key: Option<String>, context: String) -> NewInstance {
    let (machine_name, initial) = (machine.name.to_owned(), &machine.states[machine.initial]);
    let hop = Hop::Start { to: initial.name.to_owned() };
    let first = enter(
        initial,
        NewTask {
            key: root,
            hop,
            queue: machine.queue.to_owned(),
            context: context.clone(),
            token: None,
            delay: Duration::ZERO,
        },
    );
    NewInstance { machine: machine_name, key, context, first }
}

/// The ways on from the state that answered; the error says why there are none.
fn follow(
    path: &Path<'_>,
    task: &Task,
    answer: Answer,
    context: &str,
    forks: Vec<String>,
) -> Result<Vec<Next>, String> {
    let Some((_, state)) = path.to else {
        // An exit is the last that a branch does.
        return if forks.is_empty() { Ok(Vec::new()) } else { Err(forks_after_end(path)) };
    };
    let event = match answer {
        Answer::Event(event) => event,
        Answer::Nothing if !forks.is_empty() => {
            return Err(format!("state `{}` forked but emitted no event for its forks to follow", state.name));
        }
        Answer::Nothing if !state.is_final => {
            return Err(format!("state `{}` is not final but emitted no event", state.name));
        }
        Answer::Nothing => return Ok(final_exit(state, task, context).into_iter().collect()),
    };
    let Some(transition) = state.transition(event) else {
        return Err(format!("state `{}` has no transition for the event `{event}`", state.name));
    };
    // The branch itself is number 0 and its forks count from 1, so that no two share a key.
    let branches = std::iter::once(context.to_owned()).chain(forks);
    Ok(branches.enumerate().map(|(branch, context)| hop(path, task, state, transition, branch, context)).collect())
}

fn forks_after_end(path: &Path<'_>) -> String {
    let from = path.from.map_or("", |(_, state)| state.name);
    format!("the exit of state `{from}` forked, but no event follows it for its forks to follow")
}

/// A final state with an exit leaves one task behind, which runs it.
fn final_exit(state: &StateDescriptor, task: &Task, context: &str) -> Option<Next> {
    state.has_exit.then(|| {
        Next::Task(NewTask {
            key: task.key.child("exit", 0),
            hop: Hop::Exit { from: state.name.to_owned() },
            queue: task.queue.clone(),
            context: context.to_owned(),
            token: None,
            delay: Duration::ZERO,
        })
    })
}

fn hop(
    path: &Path<'_>,
    task: &Task,
    from: &StateDescriptor,
    transition: &TransitionDescriptor,
    branch: usize,
    context: String,
) -> Next {
    let key = task.key.child("branch", branch);
    let to = &path.machine.states[transition.to];
    let (from, event) = (from.name.to_owned(), transition.event.to_owned());
    enter(
        to,
        NewTask {
            key,
            hop: Hop::Transition { from, event, to: to.name.to_owned() },
            queue: transition.queue.to_owned(),
            context,
            token: None,
            delay: draw(transition.countdown, key),
        },
    )
}

/// A task into a fan-in state waits as a package instead.
fn enter(to: &StateDescriptor, task: NewTask) -> Next {
    match to.fan_in {
        Some(fan_in) => Next::Package(fan_in::package(&fan_in, task)),
        None => Next::Task(task),
    }
}

/// Draws a countdown from the task's key, which is random and known: replay draws the same again.
fn draw(countdown: Countdown, key: TaskKey) -> Duration {
    match countdown {
        Countdown::Fixed(delay) => delay,
        Countdown::Between { minimum, maximum } => {
            let span = u128::from(maximum.saturating_sub(minimum)) + 1;
            let offset = u64::try_from(key.0.as_u128() % span).unwrap_or(0);
            Duration::from_secs(minimum + offset)
        }
    }
}
