//! What is true of the machines, once everything written has been read, checked and completed.
//!
//! The model is total: ids instead of names, every default filled in, every inheritance done. An `Option` in it is a real
//! choice of the author, never something that a check has excluded. All records are `#[non_exhaustive]`, with public fields:
//! they are read by everyone and built only here.

use std::ops::Index;

use crate::integer::Integer;
use crate::literal::Literal;
use crate::logging::{LogLevel, Logging};
use crate::name::{ContextFieldName, EventName, MachineName, StateName};
use crate::path::{ActionPath, ModulePath, RustPath};
use crate::source::Place;

/// All machines of one root file and its imports, checked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spec {
    /// The path below which the machines are reached over HTTP; ends in a slash.
    pub root_url: String,
    /// The machines, in file order; those of an import stand where it is imported.
    pub machines: Vec<Machine>,
    /// The queues that the root file lists, in file order; a queue that it does not list has no limits.
    pub queues: Vec<Queue>,
    /// The path of every file that was read, the root first: what a build has to watch.
    pub files: Vec<String>,
}

/// Gives the machine of an id that this spec gave out.
impl Index<MachineId> for Spec {
    type Output = Machine;

    fn index(&self, id: MachineId) -> &Machine {
        &self.machines[id.0]
    }
}

/// Names a machine of one spec; an index into [`Spec::machines`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MachineId(pub(crate) usize);

impl MachineId {
    /// Returns the position in [`Spec::machines`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// One state machine.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Machine {
    /// Its name, unique in the spec.
    pub name: MachineName,
    /// What the author says it is for, in one line.
    pub description: Option<String>,
    /// What the author has to say about it, at length.
    pub doc: Option<String>,
    /// When an instance starts by itself: the five fields of cron.
    pub schedule: Option<String>,
    /// Which of the tasks that are due goes first: from -100 to 100, a larger one does.
    pub priority: i8,
    /// The names it had before, by which instances may still be stored; the latest first.
    pub renamed_from: Vec<MachineName>,
    /// The machine that is started when an instance has ended.
    pub on_finish: Option<MachineId>,
    /// Whether every attempt at its tasks is kept.
    pub has_history: bool,
    /// Where single-word actions are looked up.
    pub namespace: Option<ModulePath>,
    /// The queue that its first task goes to.
    pub queue: String,
    /// The label of the workers that its first task waits for.
    pub target: Option<String>,
    /// The countdown as it was written. It counts only through the transitions that inherit it.
    pub countdown: Literal,
    /// The retry policy of its first task.
    pub retry: RetryPolicy,
    /// Whether log lines are stored.
    pub logging: Logging,
    /// The lowest level of those that are stored, where the author names one.
    pub log_level: Option<LogLevel>,
    /// Whether the author asked for the run-once semaphore. The runtime always runs a step once; the wish is without effect.
    pub use_run_once_semaphore: bool,
    /// The declared fields of the context, in file order.
    pub context_types: Vec<ContextField>,
    /// What becomes of keys of the context that are not declared.
    pub unknown_keys: UnknownKeys,
    /// The traits that the struct of the context derives beside those that it needs.
    pub derive: Vec<RustPath>,
    /// The values of the context that every start gives.
    pub starts_with: Vec<ContextFieldName>,
    /// Whether the end of an instance starts it, and so gives it what there is to tell of that one.
    pub is_started_by_an_end: bool,
    /// The states, in file order; [`StateId`]s count them.
    pub states: Vec<State>,
    /// The state that an instance starts in.
    pub initial: StateId,
    /// Where its name is written.
    pub place: Place,
}

impl Machine {
    /// Iterates over the states together with their ids.
    pub fn states_with_ids(&self) -> impl Iterator<Item = (StateId, &State)> {
        self.states.iter().enumerate().map(|(at, state)| (StateId(at), state))
    }
}

/// Gives the state of an id that this machine gave out.
impl Index<StateId> for Machine {
    type Output = State;

    fn index(&self, id: StateId) -> &State {
        &self.states[id.0]
    }
}

/// Names a state of one machine; an index into [`Machine::states`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub(crate) usize);

impl StateId {
    /// Returns the position in [`Machine::states`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// What becomes of keys of a context that have no type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnknownKeys {
    /// They are passed over.
    #[default]
    Ignore,
    /// A context that has one cannot be read.
    Refuse,
    /// They stay in the context, in a map of their own.
    Keep,
}

impl UnknownKeys {
    /// The word of fsm.yaml.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Refuse => "refuse",
            Self::Keep => "keep",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Ignore, Self::Refuse, Self::Keep].into_iter().find(|choice| choice.as_str() == word)
    }
}

/// A declared value of the context.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ContextField {
    /// Its key.
    pub name: ContextFieldName,
    /// Its type.
    pub ty: ContextType,
    /// What it is when nothing is said of it, where that is not the default of its type.
    pub default: Option<Literal>,
    /// Whether its type could be read; false only in what was salvaged, where it then is `json`.
    pub(crate) has_readable_type: bool,
    /// Where its key is written.
    pub place: Place,
}

/// The type of a value of the context.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ContextType {
    /// `str` or `unicode`.
    Str,
    /// `int` or `long`.
    Int,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `json` or `dict`.
    Json,
    /// `datetime`.
    DateTime,
    /// `date`.
    Date,
    /// `pickle`, which only Python has; the default levels refuse it.
    Pickle,
    /// A key of Google's datastore, which only Python has; the default levels refuse it.
    DatastoreKey,
    /// `[int]` and the like: a list of one type.
    List(Box<Self>),
    /// `str?` and the like: one type, or nothing.
    Optional(Box<Self>),
    /// Any Rust type, by its path.
    Path(RustPath),
}

/// One state of a machine.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct State {
    /// Its name, unique in the machine.
    pub name: StateName,
    /// What the author says it is for, in one line.
    pub description: Option<String>,
    /// What the author has to say about it, at length.
    pub doc: Option<String>,
    /// The state that takes over when it has failed for good.
    pub on_failure: Option<StateId>,
    /// How long one attempt may take.
    pub timeout_seconds: Option<Integer>,
    /// Which of the tasks that are due goes first: its own, else the machine's.
    pub priority: i8,
    /// The names it had before, by which instances may still be stored; the latest first.
    pub renamed_from: Vec<StateName>,
    /// The values of the context that are set when an event leaves it.
    pub sets: Vec<ContextFieldName>,
    /// The values of the context that must be set when it is entered, each with its place.
    pub reads: Vec<(ContextFieldName, Place)>,
    /// Whether the author says that its action changes the world outside.
    pub has_side_effects: bool,
    /// Whether instances that failed are led to it by hand, besides the ways of the file.
    pub is_retried_from: bool,
    /// Where its own single-word actions are looked up: the state's namespace, else the machine's.
    pub namespace: Option<ModulePath>,
    /// What it does; only a final state may have none.
    pub action: Option<ActionPath>,
    /// What runs before its action.
    pub entry: Option<ActionPath>,
    /// What runs when it is left.
    pub exit: Option<ActionPath>,
    /// Whether instances start here; true of exactly one state.
    pub is_initial: bool,
    /// Whether an instance may end here.
    pub is_final: bool,
    /// Whether it is visited once per page of its input.
    pub is_continuation: bool,
    /// Seconds that the task of the next page waits.
    pub continuation_countdown: Integer,
    /// How it gathers contexts, when it does.
    pub fan_in: Option<FanIn>,
    /// `fan_in_group` as it was written, also when it says nothing.
    pub written_fan_in_group: Literal,
    /// The transitions that leave it, in file order.
    pub transitions: Vec<Transition>,
    /// Where its name is written.
    pub place: Place,
}

/// How a state gathers contexts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FanIn {
    /// How long the first context of a window waits for others, in seconds; the default levels refuse a negative one.
    /// Without meaning where it gathers all.
    pub period_seconds: Integer,
    /// How many contexts fill a window, so that it waits no longer.
    pub max_contexts: Option<Integer>,
    /// Whether the window waits until every other branch of the instance has ended, however long that takes.
    pub gathers_all: bool,
    /// The context field by whose value contexts are kept apart.
    pub group: Option<ContextFieldName>,
    /// Where the value is written.
    pub place: Place,
}

/// What an event of a state leads to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transition {
    /// The event that selects it, unique in its state; the path of a constant as it is written, when the file has that.
    pub event: EventName,
    /// The constant whose value is the name of the event, when the file names one.
    pub constant: Option<RustPath>,
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
