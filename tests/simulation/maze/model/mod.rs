//! What a store must hold, from what user code set out to do and what the calls answered: an account kept by other means.
//!
//! The model knows neither the engine's commits nor the store's rows. It follows the promises: each call that took effect is
//! booked here, and whatever a store answers afterwards has to agree with the books.

pub(crate) mod branch;
mod calls;
mod counts;
mod step;
mod successor;

pub(crate) use self::{counts::Counts, step::MAX_CRASHES};

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fantasm::{
    InstanceId, MachineDescriptor, TaskId, TaskKey, WorkerId,
    store::{Headers, Hop, Instance, InstanceStatus, Lease, LogEntry, Step, StepVerdict},
};
use jiff::Timestamp;

use super::intent::REASON;

/// A promise that was broken, in words.
pub(crate) type Verified = Result<(), String>;

/// All that there must be.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) instances: Vec<Saga>,
    pub(crate) tasks: BTreeMap<TaskKey, Item>,
    /// Every key there ever was, with the number that the store gave its task.
    pub(crate) ids: BTreeMap<TaskKey, TaskId>,
    pub(crate) workers: BTreeMap<WorkerId, Timestamp>,
    pub(crate) paused: BTreeSet<String>,
    /// The numbers that the SQL of committed steps has written.
    pub(crate) effects: Vec<i64>,
    /// The instances that the last call was about.
    pub(crate) touched: BTreeSet<usize>,
    pub(crate) counts: Counts,
    /// What has happened, in its order, without what a store may number as it likes.
    pub(crate) past: Vec<String>,
}

/// One instance.
#[derive(Debug)]
pub(crate) struct Saga {
    /// Known from its start, or from the first claim where a step has spawned it.
    pub(crate) id: Option<InstanceId>,
    pub(crate) machine: &'static MachineDescriptor,
    pub(crate) key: Option<String>,
    pub(crate) parent: Option<usize>,
    pub(crate) headers: Headers,
    /// How many instances follow its end.
    pub(crate) n_successors: usize,
    pub(crate) status: InstanceStatus,
    pub(crate) context: String,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) is_purged: bool,
    pub(crate) is_paused: bool,
    pub(crate) history: Vec<Row>,
    pub(crate) log: Vec<String>,
}

/// One attempt that was committed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) task: TaskId,
    pub(crate) hop: Hop,
    pub(crate) token: Option<String>,
    pub(crate) attempt: u32,
    pub(crate) verdict: StepVerdict,
    pub(crate) worker: WorkerId,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Timestamp,
}

/// One task.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) instance: usize,
    pub(crate) hop: Hop,
    pub(crate) token: Option<String>,
    pub(crate) body: Body,
    pub(crate) queue: String,
    pub(crate) queue_override: Option<String>,
    /// The label that its worker must have.
    pub(crate) target: Option<String>,
    pub(crate) has_cause: bool,
    pub(crate) due: Due,
    /// How much later it may be due, where that is drawn.
    pub(crate) spread: Duration,
    pub(crate) held: Option<Held>,
    /// The earliest and the latest time that the clock has shown while somebody held it: an attempt is judged between.
    pub(crate) between: [Timestamp; 2],
    pub(crate) is_failed: bool,
    pub(crate) is_advanced: bool,
    pub(crate) attempt: u32,
    /// How many workers in a row have fallen silent with it.
    pub(crate) n_crashes: u32,
    pub(crate) fence: i64,
    pub(crate) created_at: Timestamp,
}

/// What a task is about.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Context(String),
    Window { group: Option<String>, packages: Vec<String>, is_sealed: bool },
}

/// When a task may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    At(Timestamp),
    /// When all other branches of its instance have ended.
    Alone,
}

/// Who works on a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) lease: Lease,
    pub(crate) since: Timestamp,
}

impl Model {
    /// Whether something is left to be done.
    pub(crate) fn is_live(&self) -> bool {
        (0..self.instances.len()).any(|instance| self.n_live(instance) > 0)
    }

    /// What the clock shows at present.
    pub(crate) fn saw(&mut self, now: Timestamp) {
        for item in self.tasks.values_mut().filter(|item| item.held.is_some()) {
            let [earliest, latest] = item.between;
            item.between = [earliest.min(now), latest.max(now)];
        }
    }

    /// How many branches are live; none of an instance that has ended, where a join waits for one that has failed.
    pub(crate) fn n_live(&self, instance: usize) -> usize {
        if self.instances[instance].status != InstanceStatus::Active {
            return 0;
        }
        self.tasks.values().filter(|item| item.instance == instance && !item.is_failed).count()
    }

    /// The instances of that status that the store still has.
    pub(crate) fn of_status(&self, status: InstanceStatus) -> Vec<InstanceId> {
        let known = self.instances.iter().filter(|saga| saga.status == status && !saga.is_purged);
        known.filter_map(|saga| saga.id).collect()
    }

    pub(crate) fn machine(&self, id: InstanceId) -> Option<&'static str> {
        self.at(id).ok().map(|at| self.instances[at].machine.name)
    }

    /// The number of an instance in here.
    fn at(&self, id: InstanceId) -> Result<usize, String> {
        let found = self.instances.iter().position(|saga| saga.id == Some(id));
        found.ok_or_else(|| format!("nobody has started instance {id}"))
    }

    /// Compares an instance as the store shows it with the books.
    pub(crate) fn check_instance(&self, at: usize, shown: Option<&Instance>) -> Verified {
        let saga = &self.instances[at];
        let Some(shown) = shown else {
            return if saga.is_purged { Ok(()) } else { Err(format!("instance {:?} is gone", saga.id)) };
        };
        let failed = self.tasks.iter().filter(|(_, item)| item.instance == at && item.is_failed);
        let mut failed: Vec<_> = failed.map(|(key, item)| (self.ids.get(key).copied(), item.attempt)).collect();
        failed.sort_unstable();
        let parent = saga.parent.and_then(|parent| self.instances[parent].id);
        let shown_failed: Vec<_> = shown.failed.iter().map(|task| (Some(task.id), task.attempts)).collect();
        let expected = (saga.status, self.n_live(at) as u64, failed, parent, &saga.key, saga.machine.name);
        let is = (shown.status, shown.n_live, shown_failed, shown.parent, &shown.key, shown.machine.as_str());
        ensure(is == expected, || format!("instance {} is {is:?}, and not {expected:?}", shown.id))?;
        let reason = (saga.status == InstanceStatus::Halted).then_some(REASON);
        let expected = (&saga.context, saga.ended_at, saga.is_paused, &saga.headers, reason);
        let is = (&shown.context, shown.ended_at, shown.is_paused, &shown.headers, shown.reason.as_deref());
        ensure(is == expected, || format!("instance {} is {is:?}, and not {expected:?}", shown.id))
    }

    /// Compares the numbers that the SQL of steps has written, in their order, with the books.
    pub(crate) fn check_effects(&self, written: &[i64]) -> Verified {
        let mut expected = self.effects.clone();
        expected.sort_unstable();
        ensure(written == expected, || format!("SQL has written {written:?}, and not {expected:?}"))
    }

    /// Compares what the store keeps of an instance's past with the books.
    pub(crate) fn check_past(&self, at: usize, history: &[Step], log: &[LogEntry]) -> Verified {
        let saga = &self.instances[at];
        let row = |step: &Step| Row {
            task: step.task,
            hop: step.hop.clone(),
            token: step.token.clone(),
            attempt: step.attempt,
            verdict: step.verdict,
            worker: step.worker,
            started_at: step.started_at,
            ended_at: step.ended_at,
        };
        let rows: Vec<Row> = history.iter().map(row).collect();
        if rows != saga.history {
            return Err(format!("the history of {:?} is {rows:#?}, and not {:#?}", saga.id, saga.history));
        }
        let lines: Vec<&str> = log.iter().map(|entry| entry.line.message.as_str()).collect();
        if lines != saga.log {
            return Err(format!("the log of {:?} is {lines:?}, and not {:?}", saga.id, saga.log));
        }
        Ok(())
    }
}

/// Fails with these words unless it is so.
fn ensure(is_so: bool, words: impl FnOnce() -> String) -> Verified {
    if is_so { Ok(()) } else { Err(words()) }
}
