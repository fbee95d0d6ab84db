//! Where instances and tasks are kept.
//!
//! ```text
//!   start ──▶ scheduled ──(due)──▶ available ──claim──▶ running ──commit──▶ gone, its next tasks scheduled
//!                 ▲                    ▲                   │
//!                 │                    └──release, rescue──┤
//!                 └────────────────────────retry───────────┤
//!                                              failed ◀────┘  kept with its error
//! ```
//!
//! A store keeps promises, it decides nothing: what a step writes is a [`Commit`] that the engine made. Each method of
//! [`Store`] is one transaction. A claimed task carries a [`Lease`]; every write for the task names it and is refused
//! once the task was taken from the worker (the *fence*), so that of two workers that believe they own a task only the
//! one that does can write.
//!
//! A lease lasts as long as its worker is heard of: [`Store::renew`] speaks for all of a worker's tasks at once, and
//! [`Store::claim`] first takes back the tasks of workers that fell silent (*rescue*).

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod branches;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod memory;
mod notifier;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
mod shared;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{fmt, num::NonZeroU32, time::Duration};

use jiff::Timestamp;

#[cfg(feature = "postgres")]
pub(crate) use self::postgres::start_within;
#[cfg(feature = "postgres")]
pub use self::postgres::{PostgresStore, PostgresStoreBuilder};
#[cfg(feature = "sqlite")]
pub use self::sqlite::{SqliteStore, SqliteStoreBuilder};
pub use self::{
    error::{StoreError, StoreErrorKind},
    memory::MemoryStore,
    notifier::Notifier,
    open::open,
    record::{
        Claim, Claiming, FailedTask, Gathering, Instance, InstanceStatus, Lease, LogEntry, Started, Step, StepVerdict,
        StoredTask, UnknownStatus,
    },
};
use crate::{
    action::BoxFuture,
    id::{InstanceId, TaskId, WorkerId},
};
pub use crate::{
    engine::{
        Closing, Commit, Completion, Hop, LogLevel, LogLine, NewInstance, NewPackage, NewTask, Next, OnEnd, Task,
        Verdict,
    },
    headers::Headers,
    transaction::{SqlValue, Statement},
};

/// What every method of a [`Store`] returns.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Durable state: instances, their tasks, and the packages that wait for a fan-in.
///
/// Each method is one transaction: it has all its effects or, with an error, none. All of them are cancel safe in that
/// sense: a future that is dropped either took effect as a whole or not at all.
///
/// Errors of kind [`StoreErrorKind::LeaseLost`] come only from methods that take a [`Lease`], which somebody else has
/// now or whose instance has ended, and from those that speak for a worker whose tasks were taken back.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Whether the statements of a [`Commit`] can be run.
    fn has_sql(&self) -> bool {
        false
    }

    /// The schema of a PostgreSQL database that it is kept in, where that is what it is: there it has a function `start`.
    fn schema(&self) -> Option<&str> {
        None
    }

    /// Makes machines known to those who start instances by SQL: each by a plain start of it, without key and context, in the
    /// place of what was told of it before. A store that nobody asks by SQL has no use for that.
    fn introduce(&self, starts: Vec<NewInstance>) -> StoreFuture<'_, ()> {
        let _ = starts;
        Box::pin(std::future::ready(Ok(())))
    }

    /// Starts instances with their first tasks or packages, all or none, and answers them in the same order.
    ///
    /// Idempotent by the machine and the key: where an instance has that key already, it is answered and nothing is changed.
    fn start(&self, instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>>;

    /// Makes a worker known, for as long as `lease` unless it renews.
    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()>;

    /// Renews the leases of all of a worker's tasks for `lease` from now.
    ///
    /// # Errors
    /// [`StoreErrorKind::LeaseLost`] when the worker is not known: it was silent for too long and its tasks were taken
    /// back. It must register again under a new identity.
    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()>;

    /// Takes due tasks for a worker, after taking back those of workers whose lease ran out.
    ///
    /// No task is given to two workers while the lease of the first lives. Tasks come in the order in which they are
    /// due. Each claim counts as an attempt and carries a fence greater than any before it for that task. A task that is taken
    /// back counts it as a crash ([`Task::n_crashes`]), until an attempt at it has an end.
    ///
    /// # Errors
    /// [`StoreErrorKind::LeaseLost`] when the worker is not known, as for [`Store::renew`], or its own lease has run out.
    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>>;

    /// How long it is until the next thing is to be claimed: the earliest due time of a task that `claiming` would take, or
    /// the earliest end of another worker's lease. `None` when there is neither.
    ///
    /// A worker's clock need not agree with the store's, so the answer is no time of day.
    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<Duration>>;

    /// Makes the task of a continuation's next page, before the page's own action runs.
    ///
    /// Takes effect once for each task, however often its attempts call it: the store keeps with the task that it was
    /// called. Answers whether this call took effect.
    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool>;

    /// Seals the window of a fan-in task and returns its contexts in the order in which they joined.
    ///
    /// A package that comes later opens the next window. A second attempt gets the same contexts.
    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>>;

    /// Makes a commit true: the task's own fate, the packages it drained, the tasks and packages that follow, and the
    /// end of the instance when no branch is live any more, with what starts then; where the commit says so, the history and
    /// the log of the attempt; and the user's own statements.
    ///
    /// # Errors
    /// [`StoreErrorKind::Statement`] when the database refused one of the user's statements, or it changed another number of
    /// rows than it had to; [`StoreErrorKind::WrongStatement`] when it would be refused however often the step is tried.
    ///
    /// Besides the loss of the lease: a fan-in's task that is done without having been sealed is refused, since nobody can
    /// have seen its packages.
    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()>;

    /// Gives a task back, not to be claimed again before `delay` has passed. The attempt does not count.
    fn release(&self, lease: Lease, delay: Duration) -> StoreFuture<'_, ()>;

    /// Forgets a worker that stops, and gives all its tasks back at once; their attempts do not count.
    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()>;

    /// Ends an instance from outside: its tasks, windows and packages go away, and what runs of it cannot commit any more;
    /// what starts at its end starts.
    ///
    /// Answers whether it was active.
    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool>;

    /// Schedules the failed tasks of an instance again, with a new count of attempts; it is then active.
    ///
    /// With `into` they begin anew in that state, which is no fan-in, as after a failure: by a [`Hop::Jump`] on their first
    /// page, under the key [`TaskKey::anew`](crate::TaskKey::anew). What was going into that very state goes on as it is, and so
    /// does a fan-in's task, since its packages were kept with it.
    ///
    /// Answers how many there were. Nothing happens to an instance that was halted or cancelled, since it has no tasks.
    fn retry(&self, id: InstanceId, into: Option<String>) -> StoreFuture<'_, u64>;

    /// Stops, or allows again, that tasks of an instance are claimed. Those that run go on.
    ///
    /// Answers whether it was active.
    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool>;

    /// Stops, or allows again, that tasks of a queue are claimed. Those that run go on.
    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()>;

    /// The queues from which nothing is claimed at present, by name.
    fn paused(&self) -> StoreFuture<'_, Vec<String>>;

    /// Removes instances that ended before that time, with their history and logs; answers how many. Takes at most `limit`
    /// at once, the oldest first, so that nobody waits long behind it. One that cannot be removed, as a table of the user's own
    /// refers to it, is passed over.
    fn purge(&self, ended_before: Timestamp, limit: NonZeroU32) -> StoreFuture<'_, u64>;

    /// The attempts at an instance's tasks, in the order of their commits.
    fn history(&self, id: InstanceId) -> StoreFuture<'_, Vec<Step>>;

    /// What the actions of an instance have logged, in order.
    fn log(&self, id: InstanceId) -> StoreFuture<'_, Vec<LogEntry>>;

    /// The tasks of all instances, scheduled, running and failed, in the order of their numbers: at most `limit` of those with
    /// numbers greater than `after`.
    fn tasks(&self, after: TaskId, limit: NonZeroU32) -> StoreFuture<'_, Vec<StoredTask>>;

    /// Looks an instance up.
    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>>;

    /// Looks an instance up by its machine and the key it was started with.
    fn find(&self, machine: String, key: String) -> StoreFuture<'_, Option<InstanceId>>;

    /// Tells pollers of this process that there is something to do.
    fn notifier(&self) -> &Notifier;
}
