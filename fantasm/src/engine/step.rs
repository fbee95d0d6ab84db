//! One step: what follows from what user code answered.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    answer::Answer,
    engine::{
        commit::{Commit, LogLine, NewInstance, NewTask, Next, Verdict},
        failure, fan_in,
        path::Path,
        task::{Hop, Task},
    },
    id::{InstanceId, TaskKey},
    machine::{Countdown, MachineDescriptor, StateDescriptor, TransitionDescriptor},
};

/// What became of one attempt to run a task's user code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) ending: Ending,
    /// What user code had to say, however it ended.
    pub(crate) log: Vec<LogLine>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All phases ran; contexts are JSON.
    Answered {
        /// What the action answered.
        answer: Answer,
        /// The context as the action left it.
        context: String,
        /// The contexts of the forks it asked for.
        forks: Vec<String>,
        /// The instances it asked for.
        spawns: Vec<Spawn>,
        /// The queue it chose for what follows.
        queue: Option<String>,
    },
    /// The continuation had nothing to do on this page: the action was not run, but the entry was.
    Skipped {
        /// The context as the entry left it.
        context: String,
        /// The contexts of the forks it asked for.
        forks: Vec<String>,
        /// The instances it asked for.
        spawns: Vec<Spawn>,
    },
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

/// An instance that an action asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spawn {
    pub(crate) machine: &'static MachineDescriptor,
    pub(crate) context: String,
    pub(crate) key: Option<String>,
    pub(crate) delay: Duration,
}

/// Decides what one attempt at a task does to the store.
#[must_use]
pub(crate) fn step(machine: &MachineDescriptor, task: &Task, outcome: Outcome, now: Timestamp) -> Commit {
    let verdict = match Path::resolve(machine, &task.hop) {
        Ok(path) => decide(&path, task, outcome.ending, now),
        Err(unknown) => Verdict::Fail { error: unknown.to_string() },
    };
    let log = if machine.has_log { outcome.log } else { Vec::new() };
    Commit { verdict, is_recorded: machine.has_history, log }
}

/// Decides how an instance starts; the machine's countdown does not delay it, as in the original.
#[must_use]
pub(crate) fn start(root: TaskKey, spawn: Spawn, parent: Option<InstanceId>) -> NewInstance {
    let Spawn { machine, context, key, delay } = spawn;
    let initial = &machine.states[machine.initial];
    let hop = Hop::Start { to: initial.name.to_owned() };
    let first = NewTask { delay, ..NewTask::new(root, hop, machine.queue, context.clone()) };
    NewInstance { machine: machine.name.to_owned(), key, parent, context, first: enter(initial, first) }
}

fn decide(path: &Path<'_>, task: &Task, ending: Ending, now: Timestamp) -> Verdict {
    match ending {
        Ending::Failed { error, is_permanent } => failure::decide(path, task, error, is_permanent, now),
        Ending::Halted { reason } => Verdict::Halt { reason },
        Ending::Skipped { context, forks, spawns } if forks.is_empty() => {
            Verdict::Done { next: spawned(task, spawns).collect(), context }
        }
        Ending::Skipped { .. } => failure::decide(path, task, forks_after_skip(path), true, now),
        Ending::Answered { answer, context, forks, spawns, queue } => {
            match follow(path, task, answer, &context, forks, queue) {
                Ok(mut next) => {
                    next.extend(spawned(task, spawns));
                    Verdict::Done { next, context }
                }
                Err(error) => failure::decide(path, task, error, true, now),
            }
        }
    }
}

/// The ways on from the state that answered; the error says why there are none.
fn follow(
    path: &Path<'_>,
    task: &Task,
    answer: Answer,
    context: &str,
    forks: Vec<String>,
    queue: Option<String>,
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
        Answer::Nothing => return Ok(final_exit(state, task, context, queue).into_iter().collect()),
    };
    let Some(transition) = state.transition(event) else {
        return Err(format!("state `{}` has no transition for the event `{event}`", state.name));
    };
    let queue = queue.or_else(|| task.queue_override.clone());
    // The branch itself is number 0 and its forks count from 1, so that no two share a key.
    let branches = std::iter::once(context.to_owned()).chain(forks).enumerate();
    Ok(branches
        .map(|(branch, context)| {
            let key = task.key.child("branch", branch);
            hop(path.machine, state, transition, key, context, queue.clone())
        })
        .collect())
}

fn forks_after_end(path: &Path<'_>) -> String {
    let from = path.from.map_or("", |(_, state)| state.name);
    format!("the exit of state `{from}` forked, but no event follows it for its forks to follow")
}

fn forks_after_skip(path: &Path<'_>) -> String {
    let to = path.to.map_or("", |(_, state)| state.name);
    format!("the entry of state `{to}` forked, but its page was skipped and no event follows for its forks")
}

/// A final state with an exit leaves one task behind, which runs it.
fn final_exit(state: &StateDescriptor, task: &Task, context: &str, queue: Option<String>) -> Option<Next> {
    state.has_exit.then(|| {
        let hop = Hop::Exit { from: state.name.to_owned() };
        let queue = queue.unwrap_or_else(|| task.queue.clone());
        Next::Task(NewTask::new(task.key.child("exit", 0), hop, queue, context))
    })
}

fn hop(
    machine: &MachineDescriptor,
    from: &StateDescriptor,
    transition: &TransitionDescriptor,
    key: TaskKey,
    context: String,
    queue: Option<String>,
) -> Next {
    let to = &machine.states[transition.to];
    let (from, event, to_name) = (from.name.to_owned(), transition.event.to_owned(), to.name.to_owned());
    let hop = Hop::Transition { from, event, to: to_name };
    let task = NewTask::new(key, hop, queue.as_deref().unwrap_or(transition.queue), context);
    enter(to, NewTask { delay: draw(transition.countdown, key), queue_override: queue, ..task })
}

/// A task into a fan-in state waits as a package instead.
pub(super) fn enter(to: &StateDescriptor, task: NewTask) -> Next {
    match to.fan_in {
        Some(fan_in) => Next::Package(fan_in::package(&fan_in, task)),
        None => Next::Task(task),
    }
}

/// The instances that were asked for, each under a key of its own.
fn spawned(task: &Task, spawns: Vec<Spawn>) -> impl Iterator<Item = Next> {
    spawns.into_iter().enumerate().map(|(ordinal, spawn)| {
        let root = task.key.child("spawn", ordinal);
        Next::Spawn(Box::new(start(root, spawn, Some(task.instance))))
    })
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
