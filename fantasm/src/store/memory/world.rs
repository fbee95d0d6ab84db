//! All the rows, and what is done with a task.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    ops::Bound,
    time::Duration,
};

use jiff::Timestamp;

use super::branch::Owner;
use crate::{
    engine::{Commit, Hop, OnEnd, Task, Verdict},
    id::{InstanceId, TaskId, WindowId, WorkerId},
    store::{
        Claim, Claiming, FailedTask, Gathering, Instance, InstanceStatus, Lease, LogEntry, Step, StepVerdict,
        StoreError, StoredTask,
    },
};

/// All the rows, and what has changed that others wait for.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) instances: BTreeMap<InstanceId, Instance>,
    /// The instances by machine and key.
    pub(super) keys: BTreeMap<(String, String), InstanceId>,
    pub(super) tasks: BTreeMap<TaskId, TaskRow>,
    /// The scheduled tasks in the order in which they are due.
    pub(super) due: BTreeSet<(Timestamp, TaskId)>,
    pub(super) windows: BTreeMap<WindowId, WindowRow>,
    pub(super) workers: BTreeMap<WorkerId, Timestamp>,
    pub(super) history: BTreeMap<InstanceId, Vec<Step>>,
    pub(super) logs: BTreeMap<InstanceId, Vec<LogEntry>>,
    pub(super) paused: BTreeSet<String>,
    /// What starts when instances end.
    pub(super) on_end: BTreeMap<InstanceId, Vec<OnEnd>>,
    pub(super) last_id: i64,
    pub(super) ended: Vec<InstanceId>,
    pub(super) is_due_changed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct TaskRow {
    pub(super) task: Task,
    pub(super) status: TaskStatus,
    pub(super) fence: i64,
    /// Whether the next page has its task.
    pub(super) is_continued: bool,
    pub(super) claimed_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TaskStatus {
    Scheduled(Timestamp),
    Running(WorkerId),
    Failed,
}

#[derive(Debug, Clone)]
pub(super) struct WindowRow {
    pub(super) instance: InstanceId,
    pub(super) hop: Hop,
    pub(super) group: Option<String>,
    pub(super) rank: u32,
    pub(super) is_sealed: bool,
    pub(super) packages: Vec<String>,
}

impl World {
    pub(super) fn claim(&mut self, claiming: &Claiming, now: Timestamp) -> Vec<Claim> {
        let limit = usize::try_from(claiming.limit.get()).unwrap_or(usize::MAX);
        let due = self.due.iter().take_while(|(at, _)| *at <= now);
        let wanted = due.filter(|(_, id)| self.is_wanted(*id, claiming));
        let taken: Vec<(Timestamp, TaskId)> = wanted.take(limit).copied().collect();
        let claim = |entry: &(Timestamp, TaskId)| {
            self.due.remove(entry);
            let row = self.tasks.get_mut(&entry.1)?;
            row.status = TaskStatus::Running(claiming.worker);
            row.claimed_at = now;
            row.fence += 1;
            row.task.attempt += 1;
            let lease = Lease { task: entry.1, worker: claiming.worker, fence: row.fence };
            Some(Claim { lease, task: row.task.clone(), at: now })
        };
        taken.iter().filter_map(claim).collect()
    }

    pub(super) fn is_wanted(&self, id: TaskId, claiming: &Claiming) -> bool {
        let Some(TaskRow { task, .. }) = self.tasks.get(&id) else { return false };
        let is_labelled = match (&task.target, &claiming.labels) {
            (Some(target), Some(labels)) => labels.contains(target),
            _ => true,
        };
        claiming.machines.contains(&task.machine)
            && claiming.queues.as_ref().is_none_or(|queues| queues.contains(&task.queue))
            && is_labelled
            && !self.paused.contains(&task.queue)
            && !self.instances.get(&task.instance).is_some_and(|instance| instance.is_paused)
    }

    /// Takes the tasks of silent workers back.
    pub(super) fn rescue(&mut self, now: Timestamp) {
        self.workers.retain(|_, expires_at| *expires_at > now);
        let known: BTreeSet<WorkerId> = self.workers.keys().copied().collect();
        for id in self.tasks_of(|owner| !known.contains(owner)) {
            if let Some(row) = self.tasks.get_mut(&id) {
                row.task.n_crashes += 1;
            }
            self.schedule(id, now);
        }
    }

    pub(super) fn commit(&mut self, lease: &Lease, commit: Commit, now: Timestamp) -> Result<(), StoreError> {
        let row = self.leased(lease)?;
        if let Some(statement) = commit.statements.first() {
            return Err(StoreError::wrong_statement(&statement.sql, "cannot be run: this store is kept in memory"));
        }
        let (owner, window) = (Owner::of(&row.task), row.task.window);
        if self.is_open(window) && matches!(commit.verdict, Verdict::Done { .. }) {
            return Err(StoreError::not_sealed());
        }
        self.record(lease, &commit, now);
        match commit.verdict {
            Verdict::Done { next, context } => {
                self.tasks.remove(&lease.task);
                window.map(|window| self.windows.remove(&window));
                next.into_iter().for_each(|next| self.follow(&owner, next, now));
                self.end_branch(owner.instance, Some(context), now);
            }
            Verdict::Retry { delay, error: _ } => {
                self.leased(lease)?.task.n_crashes = 0;
                self.schedule(lease.task, after(now, delay));
            }
            Verdict::Fail { error } => {
                self.fail(lease.task, error);
                self.end_branch(owner.instance, None, now);
            }
            Verdict::Halt { reason } => self.end(owner.instance, InstanceStatus::Halted, Some(reason), now),
        }
        Ok(())
    }

    /// The row of a task, if the lease still gives a right to it.
    pub(super) fn leased(&mut self, lease: &Lease) -> Result<&mut TaskRow, StoreError> {
        let row = self.tasks.get_mut(&lease.task).ok_or_else(StoreError::lease_lost)?;
        let is_owner = row.status == TaskStatus::Running(lease.worker) && row.fence == lease.fence;
        if is_owner { Ok(row) } else { Err(StoreError::lease_lost()) }
    }

    pub(super) fn tasks_of(&self, is_owner: impl Fn(&WorkerId) -> bool) -> Vec<TaskId> {
        let owned = |row: &&TaskRow| matches!(&row.status, TaskStatus::Running(owner) if is_owner(owner));
        self.tasks.values().filter(owned).map(|row| row.task.id).collect()
    }

    pub(super) fn schedule(&mut self, id: TaskId, run_at: Timestamp) {
        let Some(row) = self.tasks.get_mut(&id) else { return };
        if let TaskStatus::Scheduled(earlier) = std::mem::replace(&mut row.status, TaskStatus::Scheduled(run_at)) {
            self.due.remove(&(earlier, id));
        }
        self.due.insert((run_at, id));
        self.is_due_changed = true;
    }

    /// Keeps a task with its error.
    fn fail(&mut self, id: TaskId, error: String) {
        let Some(row) = self.tasks.get_mut(&id) else { return };
        row.status = TaskStatus::Failed;
        let Task { id, hop, context, attempt, instance, .. } = &row.task;
        let failed = FailedTask { id: *id, hop: hop.clone(), context: context.clone(), attempts: *attempt, error };
        if let Some(instance) = self.instances.get_mut(instance) {
            instance.failed.push(failed);
            instance.failed.sort_by_key(|failed| failed.id);
        }
    }

    /// Keeps an attempt and what it logged.
    fn record(&mut self, lease: &Lease, commit: &Commit, now: Timestamp) {
        let Some(TaskRow { task, claimed_at, .. }) = self.tasks.get(&lease.task) else { return };
        if commit.is_recorded {
            let (verdict, error) = StepVerdict::of(&commit.verdict);
            self.history.entry(task.instance).or_default().push(Step {
                task: task.id,
                hop: task.hop.clone(),
                token: task.token.clone(),
                attempt: task.attempt,
                verdict,
                error: error.map(str::to_owned),
                worker: lease.worker,
                started_at: *claimed_at,
                ended_at: now,
            });
        }
        let state = task.hop.to().or(task.hop.from()).map(str::to_owned);
        let entry =
            |line: &_| LogEntry { task: task.id, state: state.clone(), line: Clone::clone(line), logged_at: now };
        self.logs.entry(task.instance).or_default().extend(commit.log.iter().map(entry));
    }

    pub(super) fn stored(&self, after: TaskId, limit: NonZeroU32) -> Vec<StoredTask> {
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let rows = self.tasks.range((Bound::Excluded(after), Bound::Unbounded)).take(limit);
        let stored = |(id, TaskRow { task, status, .. }): (&TaskId, &TaskRow)| StoredTask {
            id: *id,
            instance: task.instance,
            machine: task.machine.clone(),
            hop: task.hop.clone(),
            has_token: task.token.is_some(),
            has_window: task.window.is_some(),
            gathering: match status {
                TaskStatus::Scheduled(run_at) if self.is_open(task.window) => Some(Gathering::of(*run_at)),
                _ => None,
            },
            contexts: match task.window {
                Some(window) => self.windows.get(&window).map(|row| row.packages.clone()).unwrap_or_default(),
                None => vec![task.context.clone()],
            },
        };
        rows.map(stored).collect()
    }

    /// Whether a window still takes packages.
    fn is_open(&self, window: Option<WindowId>) -> bool {
        window.and_then(|window| self.windows.get(&window)).is_some_and(|window| !window.is_sealed)
    }

    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }
}

pub(super) fn after(now: Timestamp, delay: Duration) -> Timestamp {
    now.saturating_add(delay).unwrap_or(Timestamp::MAX)
}
