//! Every write that one task may cause, as a value.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    engine::{completion::OnEnd, task::Hop},
    headers::Headers,
    id::{InstanceId, TaskKey},
    transaction::Statement,
};

/// All that one attempt at a task does to the store, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// What becomes of the task.
    pub verdict: Verdict,
    /// Whether the attempt becomes a row of the history.
    pub is_recorded: bool,
    /// What user code has to say about it.
    pub log: Vec<LogLine>,
    /// The user's own SQL, in its order: it takes effect with everything else here, or nothing does.
    pub statements: Vec<Statement>,
}

impl From<Verdict> for Commit {
    /// A commit that is recorded and has nothing to say.
    fn from(verdict: Verdict) -> Self {
        Self { verdict, is_recorded: true, log: Vec::new(), statements: Vec::new() }
    }
}

/// What becomes of a task after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The task is done: it goes away with the packages it drained, and `next` comes instead.
    Done {
        /// How the branch goes on, the forks beside it, and the instances it spawned; empty when the branch ends here.
        next: Vec<Next>,
        /// The branch's context as JSON; the one of the branch that ends last is kept as the instance's result.
        context: String,
    },
    /// The task is tried again.
    Retry {
        /// How long it waits before.
        delay: Duration,
        /// What went wrong.
        error: String,
    },
    /// The task is given up and kept with its error; its branch no longer counts as live.
    Fail {
        /// What went wrong.
        error: String,
    },
    /// The instance ends here, whatever other branches it has: their tasks and packages go away.
    Halt {
        /// Why.
        reason: String,
    },
}

/// One way a branch goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// By a task of its own.
    Task(NewTask),
    /// By joining a fan-in window.
    Package(NewPackage),
    /// Not at all: another instance starts, with this one as its parent.
    Spawn(Box<NewInstance>),
}

impl From<NewTask> for Next {
    fn from(task: NewTask) -> Self {
        Self::Task(task)
    }
}

impl From<NewPackage> for Next {
    fn from(package: NewPackage) -> Self {
        Self::Package(package)
    }
}

/// A task to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// Its deterministic key.
    pub key: TaskKey,
    /// The way it leads.
    pub hop: Hop,
    /// The queue it waits in.
    pub queue: String,
    /// The label that a worker must have to run it; any worker may where there is none.
    pub target: Option<String>,
    /// The branch's context as JSON.
    pub context: String,
    /// The continuation token as JSON.
    pub token: Option<String>,
    /// How long it waits before it may run.
    pub delay: Duration,
    /// The queue that user code chose for what follows.
    pub queue_override: Option<String>,
    /// The failure that led here, where a state names another for its failures.
    pub cause: Option<String>,
}

impl NewTask {
    /// A task that is due at once, on its first page, with nothing behind it.
    #[must_use]
    pub fn new(key: TaskKey, hop: Hop, queue: impl Into<String>, context: impl Into<String>) -> Self {
        Self {
            key,
            hop,
            queue: queue.into(),
            target: None,
            context: context.into(),
            token: None,
            delay: Duration::ZERO,
            queue_override: None,
            cause: None,
        }
    }
}

/// A context that joins the open window of its instance, hop and group, or opens one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPackage {
    /// The key of the task that drains the window, should this package open it.
    pub window_key: TaskKey,
    /// The hop into the fan-in state.
    pub hop: Hop,
    /// The value that parts contexts into windows.
    pub group: Option<String>,
    /// The queue of the window's task.
    pub queue: String,
    /// The label that a worker must have to run the window's task.
    pub target: Option<String>,
    /// The queue that user code chose for what follows.
    pub queue_override: Option<String>,
    /// The context as JSON.
    pub context: String,
    /// When the window is sealed.
    pub closing: Closing,
    /// Whether a window that closes as [`Closing::Alone`] lets others of its instance go first: the lowest ranks go first, and
    /// those of one rank together. The package that opens the window has its say; elsewhere it is 0.
    pub rank: u32,
}

/// When a window is sealed and its packages are handed to the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// So long after its first package joined, or as soon as it holds so many.
    After {
        /// How long it stays open.
        period: Duration,
        /// How many packages close it at once.
        max: Option<NonZeroU32>,
    },
    /// When every other branch of the instance has ended or waits so too, with no lower rank, and none has failed.
    Alone,
}

/// An instance to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstance {
    /// The machine.
    pub machine: String,
    /// Makes starting idempotent: of two instances of a machine with one key only the first is started.
    pub key: Option<String>,
    /// The instance that spawned it.
    pub parent: Option<InstanceId>,
    /// The context it starts with, as JSON.
    pub context: String,
    /// Its first task, or first package when the initial state is a fan-in.
    pub first: Next,
    /// What travels with it, unchanged.
    pub headers: Headers,
    /// What starts when it ends, whatever its end.
    pub on_end: Vec<OnEnd>,
}

impl NewInstance {
    /// An instance without key, parent, headers and successors.
    #[must_use]
    pub fn new(machine: impl Into<String>, context: impl Into<String>, first: impl Into<Next>) -> Self {
        Self {
            machine: machine.into(),
            key: None,
            parent: None,
            context: context.into(),
            first: first.into(),
            headers: Headers::default(),
            on_end: Vec::new(),
        }
    }
}

/// A line of the persistent log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// What it says.
    pub message: String,
    /// What it is about, in alphabetical order.
    pub tags: Vec<String>,
    /// What caused it, one cause a line.
    pub causes: Option<String>,
}

impl LogLine {
    /// A line without tags and causes.
    #[must_use]
    pub fn new(level: LogLevel, message: impl Into<String>) -> Self {
        Self { level, message: message.into(), tags: Vec::new(), causes: None }
    }
}

/// How much a line of the log matters, in rising order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LogLevel {
    /// For whoever mends the machine.
    #[default]
    Debug,
    /// For whoever watches it.
    Info,
    /// Something is odd.
    Warning,
    /// Something went wrong.
    Error,
}

impl LogLevel {
    const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warning, Self::Error];

    /// The word that is used in SQL, JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::LogLevel;

    #[test]
    fn a_level_is_known_by_its_word() {
        let words = LogLevel::ALL.map(LogLevel::as_str);
        assert_eq!(words, ["debug", "info", "warning", "error"]);
        assert_eq!(words.map(LogLevel::from_word), LogLevel::ALL.map(Some));
        assert_eq!(LogLevel::from_word("Debug"), None);
    }
}
