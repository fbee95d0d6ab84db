//! One thread that writes, and commits what waits for it as one group.
//!
//! A commit costs one sync of the disk, however much it holds; so the thread takes all the work that has queued up
//! while it was syncing and commits it together. Each piece of work has a savepoint: it takes effect as a whole or not
//! at all, whatever becomes of its neighbours. Nobody is answered before the group's commit has reached the disk.

use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::time_limit::TimeLimit;
use crate::{
    clock::Clock,
    id::InstanceId,
    store::{Notifier, StoreError, StoreErrorKind, StoreFuture},
};

/// How much work is committed at once at most: more would only make the first wait longer.
const MAX_GROUP: usize = 1024;

/// How many are committed one by one at least after one took its group down: what was answered comes back among others.
const MAX_ALONE: usize = 64;

/// The way to the writing thread. Dropping it lets the thread finish what has been asked for, and waits for that.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Work>>>,
    thread: Option<JoinHandle<()>>,
}

/// What work sees: the connection inside its savepoint, the time, and whom to tell afterwards.
pub(super) struct Tx<'c> {
    db: &'c Connection,
    time_limit: &'c TimeLimit,
    now: Timestamp,
    news: News,
}

/// Whom to tell once the work is committed.
#[derive(Debug, Default)]
struct News {
    is_due_changed: bool,
    ended: Vec<InstanceId>,
}

impl Writer {
    pub(super) fn spawn(
        db: Connection,
        time_limit: TimeLimit,
        clock: Arc<dyn Clock>,
        notifier: Arc<Notifier>,
    ) -> Result<Self, StoreError> {
        let (sender, queue) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("fantasm-sqlite".to_owned())
            .spawn(move || serve((&db, &time_limit), &queue, &*clock, &notifier))
            .map_err(|error| {
                StoreError::new(StoreErrorKind::Unavailable, "cannot start a thread").with_source(error)
            })?;
        Ok(Self { queue: Some(sender), thread: Some(thread) })
    }

    /// Has the thread do `work` in one transaction, atomic by itself.
    ///
    /// The work is handed over here, not at the first poll: dropping the future does not take it back.
    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'static, T> {
        let (answer, answered) = oneshot::channel();
        let is_sent = self.queue.as_ref().is_some_and(|queue| queue.send(Box::new(WorkOf { work, answer })).is_ok());
        Box::pin(async move {
            let ended =
                || StoreError::new(StoreErrorKind::Internal, "the thread that writes to the database has ended");
            if !is_sent {
                return Err(ended());
            }
            answered.await.unwrap_or_else(|_| Err(ended()))
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so already; there is nothing left to save.
            let _ = thread.join();
        }
    }
}

impl Tx<'_> {
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn time_limit(&self) -> &TimeLimit {
        self.time_limit
    }

    /// Tells pollers that a task was scheduled.
    pub(super) fn due_changed(&mut self) {
        self.news.is_due_changed = true;
    }

    /// Tells waiters that an instance has ended.
    pub(super) fn ended(&mut self, instance: InstanceId) {
        self.news.ended.push(instance);
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}

/// Work to be done, with its type of answer erased.
trait Work: Send {
    /// Does the work inside the open transaction.
    fn run(self: Box<Self>, tx: &mut Tx<'_>) -> Box<dyn Answer>;
    /// Answers without having done it.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// An answer that waits for its group's commit.
trait Answer {
    fn is_ok(&self) -> bool;
    fn send(self: Box<Self>, committed: Result<(), StoreError>);
}

struct WorkOf<T, W> {
    work: W,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

struct AnswerOf<T> {
    result: Result<T, StoreError>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Work for WorkOf<T, W>
where
    T: Send + 'static,
    W: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(self: Box<Self>, tx: &mut Tx<'_>) -> Box<dyn Answer> {
        Box::new(AnswerOf { result: (self.work)(tx), answer: self.answer })
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        // Whoever dropped the future does not want the answer.
        let _ = self.answer.send(Err(error));
    }
}

impl<T> Answer for AnswerOf<T> {
    fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    fn send(self: Box<Self>, committed: Result<(), StoreError>) {
        // Work that failed by itself tells its own error; the others share the fate of their group.
        let _ = self.answer.send(self.result.and_then(|value| committed.map(|()| value)));
    }
}

/// The thread's whole life: until every sender is gone.
///
/// A constraint that is deferred is judged at the commit, where it takes the whole group down, and a trigger may end the
/// transaction of all. Those that were taken down come again and are then committed one by one, so that only the guilty one
/// fails.
fn serve(
    (db, time_limit): (&Connection, &TimeLimit),
    queue: &mpsc::Receiver<Box<dyn Work>>,
    clock: &dyn Clock,
    notifier: &Notifier,
) {
    let mut n_alone = 0_usize;
    while let Ok(first) = queue.recv() {
        let max_group = if n_alone > 0 { 1 } else { MAX_GROUP };
        n_alone = n_alone.saturating_sub(1);
        let mut group = std::iter::once(first).chain(queue.try_iter()).take(max_group);
        let mut answers = Vec::new();
        let mut tx = Tx { db, time_limit, now: clock.now(), news: News::default() };
        let committed = commit_group(&mut tx, &mut group, &mut answers).map_err(|error| {
            let is_deferred = error.is_constraint_violation();
            match answers.len() {
                1 if is_deferred => StoreError::statement_at_commit(error),
                // One that ended the transaction of all the others may come again with them, and end it again.
                n if n > 1 && (is_deferred || error.kind() == StoreErrorKind::Unavailable) => {
                    n_alone = MAX_ALONE.max(n);
                    StoreError::group_failed()
                }
                _ => error,
            }
        });
        if let Err(error) = &committed {
            tracing::warn!(%error, "a group of writes was not committed");
            group.for_each(|work| work.refuse(error.clone()));
        } else {
            tx.news.tell(notifier);
        }
        answers.into_iter().for_each(|answer| answer.send(committed.clone()));
    }
}

/// Does the work of one group and commits them; with an error none has had any effect.
fn commit_group(
    tx: &mut Tx<'_>,
    group: &mut impl Iterator<Item = Box<dyn Work>>,
    answers: &mut Vec<Box<dyn Answer>>,
) -> Result<(), StoreError> {
    execute(tx, "BEGIN IMMEDIATE")?;
    let run_all = || -> Result<(), StoreError> {
        for work in group {
            run_atomically(tx, work, answers)?;
        }
        execute(tx, "COMMIT")
    };
    let committed = { run_all }();
    if committed.is_err() && !tx.db.is_autocommit() {
        execute(tx, "ROLLBACK")?;
    }
    committed
}

/// Does one piece of work in a savepoint; the error is the whole transaction's.
fn run_atomically(tx: &mut Tx<'_>, work: Box<dyn Work>, answers: &mut Vec<Box<dyn Answer>>) -> Result<(), StoreError> {
    if let Err(error) = execute(tx, "SAVEPOINT work") {
        work.refuse(error.clone());
        return Err(error);
    }
    let earlier_news = std::mem::take(&mut tx.news);
    let answer = work.run(tx);
    let news = std::mem::replace(&mut tx.news, earlier_news);
    let is_ok = answer.is_ok();
    answers.push(answer);
    // A full disk and the like roll the whole transaction back by themselves.
    if tx.db.is_autocommit() {
        return Err(StoreError::group_failed());
    }
    if is_ok {
        tx.news.add(news);
    } else {
        execute(tx, "ROLLBACK TO work")?;
    }
    execute(tx, "RELEASE work")
}

impl News {
    fn add(&mut self, later: Self) {
        self.is_due_changed |= later.is_due_changed;
        self.ended.extend(later.ended);
    }

    fn tell(self, notifier: &Notifier) {
        if self.is_due_changed {
            notifier.notify_due();
        }
        self.ended.into_iter().for_each(|instance| notifier.notify_ended(instance));
    }
}

fn execute(tx: &Tx<'_>, sql: &str) -> Result<(), StoreError> {
    tx.db.prepare_cached(sql)?.execute([])?;
    Ok(())
}
