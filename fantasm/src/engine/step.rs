//! One step: what follows from what user code answered.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    answer::Answer,
    engine::{
        commit::{Commit, LogLine, NewInstance, NewTask, Next, Verdict},
        completion::OnEnd,
        failure, fan_in,
        path::Path,
        task::{Hop, Task},
    },
    headers::Headers,
    id::{InstanceId, TaskKey},
    machine::{Countdown, MachineDescriptor, StateDescriptor, TransitionDescriptor},
    transaction::Statement,
};

/// What became of one attempt to run a task's user code.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) ending: Ending,
    /// What user code had to say, however it ended.
    pub(crate) log: Vec<LogLine>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    /// All phases ran.
    Answered {
        /// What the action answered.
        answer: Answer,
        effects: Effects,
    },
    /// The continuation had nothing to do on this page: the action was not run, but the entry was.
    Skipped { effects: Effects },
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

/// What the phases of a task leave behind, with contexts as JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// The context as they left it.
    pub(crate) context: String,
    /// The contexts of the forks they asked for.
    pub(crate) forks: Vec<String>,
    /// The instances they asked for.
    pub(crate) spawns: Vec<Start>,
    /// The queue they chose for what follows.
    pub(crate) queue: Option<String>,
    /// The SQL that takes effect with the step.
    pub(crate) statements: Vec<Statement>,
}

/// An instance that somebody asked for: a client, or an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) machine: &'static MachineDescriptor,
    /// The name of the machine that it is stored under: an earlier one where an instance has the key under that.
    pub(crate) name: &'static str,
    pub(crate) context: String,
    pub(crate) key: Option<String>,
    pub(crate) delay: Duration,
    /// The queue of its first task and of all that follows, in the place of its machine's.
    pub(crate) queue: Option<String>,
    pub(crate) headers: Headers,
    /// What starts when it ends, besides what its machine names.
    pub(crate) on_end: Vec<OnEnd>,
}

impl Start {
    /// A start at once, with nothing asked for.
    pub(crate) fn new(machine: &'static MachineDescriptor, context: String) -> Self {
        let (headers, on_end) = (Headers::default(), Vec::new());
        Self { machine, name: machine.name, context, key: None, delay: Duration::ZERO, queue: None, headers, on_end }
    }
}

/// Decides what one attempt at a task does to the store.
#[must_use]
pub(crate) fn step(machine: &MachineDescriptor, task: &Task, outcome: Outcome, now: Timestamp) -> Commit {
    let Outcome { ending, log } = outcome;
    let (verdict, statements) = match Path::resolve(machine, &task.hop) {
        Ok(path) => decide(&path, task, ending, now),
        Err(unknown) => (Verdict::Fail { error: unknown.to_string() }, Vec::new()),
    };
    let log = log.into_iter().filter(|line| machine.has_log && line.level >= machine.log_level).collect();
    Commit { verdict, is_recorded: machine.has_history, log, statements }
}

/// How long a start waits at most: a hundred years. No store has times without end.
const MAX_DELAY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Decides how an instance starts; the machine's countdown does not delay it, as in the original.
#[must_use]
pub(crate) fn start(root: TaskKey, start: Start, parent: Option<InstanceId>) -> NewInstance {
    let Start { machine, name, context, key, delay, queue, headers, on_end } = start;
    let delay = delay.min(MAX_DELAY);
    let initial = &machine.states[machine.initial];
    let hop = Hop::Start { to: stored(initial, initial) };
    let first = NewTask::new(root, hop, queue.as_deref().unwrap_or(machine.queue), context.clone());
    let first = NewTask { delay, target: machine.target.map(str::to_owned), queue_override: queue, ..first };
    let on_end = machine.on_finish.iter().map(OnEnd::from).chain(on_end).collect();
    let first = enter(machine, machine.initial, first);
    NewInstance { machine: name.to_owned(), key, parent, context, first, headers, on_end }
}

/// Decides what becomes of the task, and which of the user's SQL takes effect with that.
fn decide(path: &Path<'_>, task: &Task, ending: Ending, now: Timestamp) -> (Verdict, Vec<Statement>) {
    let fail = |error, is_permanent| (failure::decide(path, task, error, is_permanent, now), Vec::new());
    match ending {
        Ending::Failed { error, is_permanent } => fail(error, is_permanent),
        Ending::Halted { reason } => (Verdict::Halt { reason }, Vec::new()),
        Ending::Skipped { effects } if effects.forks.is_empty() => {
            let next = spawned(task, effects.spawns).collect();
            (Verdict::Done { next, context: effects.context }, effects.statements)
        }
        Ending::Skipped { .. } => fail(forks_after_skip(path), true),
        Ending::Answered { answer, effects } => {
            let Effects { context, forks, spawns, queue, statements } = effects;
            match follow(path, task, answer, &context, forks, queue) {
                Ok(mut next) => {
                    next.extend(spawned(task, spawns));
                    (Verdict::Done { next, context }, statements)
                }
                Err(error) => fail(error, true),
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
        let exit = NewTask::new(task.key.child("exit", 0), hop, queue, context);
        Next::Task(NewTask { target: task.target.clone(), ..exit })
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
    let event = earliest(transition.event, transition.renamed_from, to);
    let (from, to_name) = (stored(from, to), stored(to, to));
    let hop = Hop::Transition { from, event, to: to_name };
    let task = NewTask::new(key, hop, queue.as_deref().unwrap_or(transition.queue), context);
    let target = transition.target.map(str::to_owned);
    let task = NewTask { delay: draw(transition.countdown, key), target, queue_override: queue, ..task };
    enter(machine, transition.to, task)
}

/// The name by which a state is stored on the way to another.
pub(super) fn stored(state: &StateDescriptor, to: &StateDescriptor) -> String {
    earliest(state.name, state.renamed_from, to)
}

/// The name by which something is stored on the way to a state: its present one, but in a fan-in the first it ever had, under
/// which programs of any age open the window.
fn earliest(name: &str, earlier: &[&str], to: &StateDescriptor) -> String {
    let earliest = earlier.last().filter(|_| to.fan_in.is_some());
    (*earliest.unwrap_or(&name)).to_owned()
}

/// A task into the state of the index `to` waits as a package instead where that is a fan-in.
pub(super) fn enter(machine: &MachineDescriptor, to: usize, task: NewTask) -> Next {
    match &machine.states[to].fan_in {
        Some(fan_in) => Next::Package(fan_in::package(machine, to, fan_in, task)),
        None => Next::Task(task),
    }
}

/// The instances that were asked for, each under a key of its own.
fn spawned(task: &Task, spawns: Vec<Start>) -> impl Iterator<Item = Next> {
    spawns.into_iter().enumerate().map(|(ordinal, spawn)| {
        let root = task.key.child("spawn", ordinal);
        let spawn = Start { headers: task.headers.clone(), ..spawn };
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
