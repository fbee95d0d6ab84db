//! Rows as a store takes and returns them.

use std::{fmt, num::NonZeroU32, str::FromStr};

use jiff::Timestamp;

use crate::{
    builtin,
    codec::ContextError,
    engine::{Completion, Hop, LogLine, Task, Verdict},
    headers::Headers,
    id::{InstanceId, TaskId, WorkerId},
    machine::Machine,
};

/// What a worker asks for when it claims.
#[derive(Debug, Clone)]
pub struct Claiming {
    /// Who claims.
    pub worker: WorkerId,
    /// The machines it can run; tasks of others are left alone.
    pub machines: Vec<String>,
    /// The queues it serves; `None` serves all.
    pub queues: Option<Vec<String>>,
    /// The labels it has: a task with a `target` is for a worker that has it. `None` takes tasks of any target.
    pub labels: Option<Vec<String>>,
    /// How many tasks it takes at most.
    pub limit: NonZeroU32,
}

impl Claiming {
    /// A claim for no machine yet, from all queues, whatever the label.
    #[must_use]
    pub fn new(worker: WorkerId, limit: NonZeroU32) -> Self {
        Self { worker, machines: Vec::new(), queues: None, labels: None, limit }
    }
}

/// A claimed task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The right to write for it.
    pub lease: Lease,
    /// The task.
    pub task: Task,
    /// When it was claimed, by the store's clock, by which the task has its age.
    pub at: Timestamp,
}

/// The right to write for a task, as long as nobody took the task over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The task.
    pub task: TaskId,
    /// Who holds it.
    pub worker: WorkerId,
    /// Grows with every claim of the task: an older lease is refused.
    pub fence: i64,
}

/// The answer to a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The instance.
    pub id: InstanceId,
    /// Whether this call started it; false when its key was known.
    pub is_new: bool,
}

/// An instance as a store shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Instance {
    /// Its number.
    pub id: InstanceId,
    /// Its machine.
    pub machine: String,
    /// The key it was started with.
    pub key: Option<String>,
    /// The instance that spawned it.
    pub parent: Option<InstanceId>,
    /// What has become of it.
    pub status: InstanceStatus,
    /// Whether its tasks are left alone at present.
    pub is_paused: bool,
    /// What travels with it.
    pub headers: Headers,
    /// How many branches are live: tasks that wait or run.
    pub n_live: u64,
    /// The context as JSON: the one it started with, and once it has ended that of the branch that ended last.
    pub context: String,
    /// Why it halted.
    pub reason: Option<String>,
    /// The tasks that were given up, with their errors, oldest first.
    pub failed: Vec<FailedTask>,
    /// When it started.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Instance {
    /// An active instance without a branch, a key or a parent: what a store that reads one from its rows begins with.
    ///
    /// ```
    /// # use fantasm::{InstanceId, store::{Instance, InstanceStatus}};
    /// # let now = "2026-01-01T00:00:00Z".parse().unwrap();
    /// let mut instance = Instance::new(InstanceId(7), "Order", "{}", now);
    /// instance.status = InstanceStatus::Finished;
    /// instance.ended_at = Some(now);
    /// ```
    #[must_use]
    pub fn new(id: InstanceId, machine: impl Into<String>, context: impl Into<String>, created_at: Timestamp) -> Self {
        Self {
            id,
            machine: machine.into(),
            key: None,
            parent: None,
            status: InstanceStatus::Active,
            is_paused: false,
            headers: Headers::default(),
            n_live: 0,
            context: context.into(),
            reason: None,
            failed: Vec::new(),
            created_at,
            ended_at: None,
        }
    }

    /// What those are told that start when it ends.
    #[must_use]
    pub fn completion(&self) -> Completion<'_> {
        Completion {
            instance: self.id,
            machine: &self.machine,
            key: self.key.as_deref(),
            status: self.status.as_str(),
            reason: self.reason.as_deref(),
            context: &self.context,
            headers: &self.headers,
            ended_at: self.ended_at.unwrap_or(self.created_at),
        }
    }

    /// The context as the machine's data.
    ///
    /// # Errors
    /// [`ContextError::Read`] when it does not fit the type.
    pub fn data<M: Machine>(&self) -> Result<M, ContextError> {
        serde_json::from_str(&self.context).map_err(ContextError::Read)
    }
}

/// A task that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedTask {
    /// Its number.
    pub id: TaskId,
    /// Where it was going.
    pub hop: Hop,
    /// The context it had, as JSON; empty for a fan-in, whose contexts are kept as packages.
    pub context: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong at last.
    pub error: String,
}

impl FailedTask {
    /// A task that was given up after so many attempts, for stores.
    #[must_use]
    pub fn new(id: TaskId, hop: Hop, context: impl Into<String>, attempts: u32, error: impl Into<String>) -> Self {
        Self { id, hop, context: context.into(), attempts, error: error.into() }
    }
}

/// A task as it is stored, for those who look whether it could be run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredTask {
    /// Its number.
    pub id: TaskId,
    /// The instance it belongs to.
    pub instance: InstanceId,
    /// The machine; it may be one of fantasm's own: see [`StoredTask::is_builtin`].
    pub machine: String,
    /// The way it leads.
    pub hop: Hop,
    /// Whether it names a page of a continuation; one that asks for the first page does not.
    pub has_token: bool,
    /// Whether it drains the window of a fan-in.
    pub has_window: bool,
    /// What its window still waits for; none where it has none, or one that takes no more contexts.
    pub gathering: Option<Gathering>,
    /// The contexts it runs with, as JSON: its own, or those that wait in its window.
    pub contexts: Vec<String>,
}

impl StoredTask {
    /// Whether its machine is one that fantasm brings along, and so is in no fsm.yaml.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        builtin::is_one(&self.machine)
    }

    /// A task that asks for no page and drains no window, with no context yet, for stores.
    #[must_use]
    pub fn new(id: TaskId, instance: InstanceId, machine: impl Into<String>, hop: Hop) -> Self {
        let machine = machine.into();
        Self { id, instance, machine, hop, has_token: false, has_window: false, gathering: None, contexts: Vec::new() }
    }
}

/// What a window waits for that still takes contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gathering {
    /// A time; one that is past where its task is due.
    Until(Timestamp),
    /// The end of every other branch of the instance.
    All,
}

impl Gathering {
    /// What a window waits for whose task is due then, for stores: nothing of time is the end of time.
    pub(super) fn of(run_at: Timestamp) -> Self {
        // Databases count microseconds, and so does the end of time there.
        if run_at.as_microsecond() == Timestamp::MAX.as_microsecond() { Self::All } else { Self::Until(run_at) }
    }
}

/// What has become of an instance.
///
/// ```text
/// active ──▶ finished | halted | cancelled
///   │ ▲
///   ▼ └─retry
/// failed
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstanceStatus {
    /// Some branch is live.
    Active,
    /// Every branch came to its end.
    Finished,
    /// An action ended it.
    Halted,
    /// No branch is live, and some task was given up.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl InstanceStatus {
    const ALL: [Self; 5] = [Self::Active, Self::Finished, Self::Halted, Self::Failed, Self::Cancelled];

    /// Whether nothing more will happen to the instance by itself.
    #[must_use]
    pub fn is_ended(self) -> bool {
        self != Self::Active
    }

    /// The word that is used in SQL, JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Finished => "finished",
            Self::Halted => "halted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for InstanceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for InstanceStatus {
    type Err = UnknownStatus;

    fn from_str(word: &str) -> Result<Self, UnknownStatus> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == word);
        found.ok_or_else(|| UnknownStatus(word.to_owned()))
    }
}

/// A word that is no status.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no status of an instance: it is one of active, finished, halted, failed, cancelled")]
pub struct UnknownStatus(String);

/// One attempt at a task, as the history keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The task.
    pub task: TaskId,
    /// The way it led.
    pub hop: Hop,
    /// The continuation token of its page, as JSON.
    pub token: Option<String>,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// What became of it.
    pub verdict: StepVerdict,
    /// What went wrong, or why it halted.
    pub error: Option<String>,
    /// Who ran it.
    pub worker: WorkerId,
    /// When it was claimed.
    pub started_at: Timestamp,
    /// When it was committed.
    pub ended_at: Timestamp,
}

impl Step {
    /// A first attempt that was done, at a moment, for stores, which say what was otherwise.
    ///
    /// ```
    /// # use fantasm::{TaskId, WorkerId, store::{Hop, Step, StepVerdict, Verdict}};
    /// # let (worker, at) = (WorkerId::random(), "2026-01-01T00:00:00Z".parse().unwrap());
    /// # let verdict = Verdict::Halt { reason: "enough".to_owned() };
    /// let mut step = Step::new(TaskId(7), Hop::Start { to: "Begin".to_owned() }, worker, at);
    /// let (verdict, error) = StepVerdict::of(&verdict);
    /// (step.verdict, step.error) = (verdict, error.map(str::to_owned));
    /// ```
    #[must_use]
    pub fn new(task: TaskId, hop: Hop, worker: WorkerId, at: Timestamp) -> Self {
        let verdict = StepVerdict::Done;
        Self { task, hop, token: None, attempt: 1, verdict, error: None, worker, started_at: at, ended_at: at }
    }
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepVerdict {
    /// The task is done.
    Done,
    /// It was to be tried again.
    Retry,
    /// It was given up.
    Fail,
    /// It ended the instance.
    Halt,
}

/// A line that an action has logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// The task that logged it.
    pub task: TaskId,
    /// The state the task led into, or out of where it led into none.
    pub state: Option<String>,
    /// The line.
    pub line: LogLine,
    /// When the attempt was committed.
    pub logged_at: Timestamp,
}

impl LogEntry {
    /// A line that a task has logged in no state, for stores.
    #[must_use]
    pub fn new(task: TaskId, line: LogLine, logged_at: Timestamp) -> Self {
        Self { task, state: None, line, logged_at }
    }
}

impl StepVerdict {
    const ALL: [Self; 4] = [Self::Done, Self::Retry, Self::Fail, Self::Halt];

    /// What the history keeps of a commit's verdict: the verdict, and what went wrong or why it halted.
    #[must_use]
    pub fn of(verdict: &Verdict) -> (Self, Option<&str>) {
        match verdict {
            Verdict::Done { .. } => (Self::Done, None),
            Verdict::Retry { error, .. } => (Self::Retry, Some(error)),
            Verdict::Fail { error } => (Self::Fail, Some(error)),
            Verdict::Halt { reason } => (Self::Halt, Some(reason)),
        }
    }

    /// The word that is used in SQL, JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retry => "retry",
            Self::Fail => "fail",
            Self::Halt => "halt",
        }
    }

    /// The verdict of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }
}
