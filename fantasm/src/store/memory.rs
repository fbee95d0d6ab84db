//! The reference store: the smallest correct one, in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use super::{
    Claim, Claiming, FailedTask, Instance, InstanceStatus, Lease, Notifier, Started, Store, StoreError, StoreFuture,
};
use crate::{
    clock::{Clock, SystemClock},
    engine::{Commit, Hop, NewInstance, NewPackage, NewTask, Next, Task},
    id::{InstanceId, TaskId, WindowId, WorkerId},
};

/// Keeps everything in memory: for tests, simulation, and jobs that need not survive their process.
///
/// Clones share one state, so that a test can let a worker die and another go on with its store.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
    notifier: Arc<Notifier>,
}

impl MemoryStore {
    /// An empty store on the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store on the given clock.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { world: Arc::default(), clock, notifier: Arc::default() }
    }

    /// Runs one transaction. Every one checks before it changes anything, so that an error leaves no trace.
    fn transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World, Timestamp) -> Result<T, StoreError>,
    ) -> StoreFuture<'_, T> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = work(&mut world, self.clock.now());
        let ended = std::mem::take(&mut world.ended);
        let is_due_changed = std::mem::take(&mut world.is_due_changed);
        drop(world);
        if is_due_changed {
            self.notifier.notify_due();
        }
        ended.into_iter().for_each(|instance| self.notifier.notify_ended(instance));
        Box::pin(std::future::ready(answer))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn start(&self, instance: NewInstance) -> StoreFuture<'_, Started> {
        self.transaction(|world, now| Ok(world.start(instance, now)))
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            world.workers.insert(worker, after(now, lease));
            Ok(())
        })
    }

    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            let expires_at = world.workers.get_mut(&worker).ok_or_else(StoreError::lease_lost)?;
            *expires_at = after(now, lease);
            Ok(())
        })
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        self.transaction(|world, now| {
            if world.workers.get(&claiming.worker).is_none_or(|expires_at| *expires_at <= now) {
                return Err(StoreError::lease_lost());
            }
            world.rescue(now);
            Ok(world.claim(&claiming, now))
        })
    }

    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<Timestamp>> {
        self.transaction(|world, _| {
            let lease_ends = world.workers.iter().filter(|(id, _)| **id != claiming.worker).map(|(_, at)| *at);
            let due = world.due.iter().find(|(_, id)| world.tasks[id].is_wanted(&claiming)).map(|(at, _)| *at);
            Ok(lease_ends.chain(due).min())
        })
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        self.transaction(|world, now| {
            let row = world.leased(&lease)?;
            if std::mem::replace(&mut row.is_continued, true) {
                return Ok(false);
            }
            let (instance, machine) = (row.task.instance, row.task.machine.clone());
            world.insert(instance, machine, next, None, now);
            Ok(true)
        })
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        self.transaction(|world, _| {
            let window = world.leased(&lease)?.task.window;
            let window = window.and_then(|id| world.windows.get_mut(&id));
            Ok(window
                .map(|window| {
                    window.is_sealed = true;
                    window.packages.clone()
                })
                .unwrap_or_default())
        })
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| world.commit(&lease, commit, now))
    }

    fn release(&self, lease: Lease, delay: Duration) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            world.leased(&lease)?.task.attempt -= 1;
            world.schedule(lease.task, after(now, delay));
            Ok(())
        })
    }

    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()> {
        self.transaction(|world, now| {
            world.workers.remove(&worker);
            for id in world.tasks_of(|owner| *owner == worker) {
                if let Some(row) = world.tasks.get_mut(&id) {
                    row.task.attempt -= 1;
                }
                world.schedule(id, now);
            }
            Ok(())
        })
    }

    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>> {
        self.transaction(|world, _| Ok(world.instance(id)))
    }

    fn find(&self, machine: String, key: String) -> StoreFuture<'_, Option<InstanceId>> {
        self.transaction(|world, _| Ok(world.keys.get(&(machine, key)).copied()))
    }

    fn notifier(&self) -> &Notifier {
        &self.notifier
    }
}

/// All the rows, and what has changed that others wait for.
#[derive(Debug, Default)]
struct World {
    instances: BTreeMap<InstanceId, Instance>,
    keys: BTreeMap<(String, String), InstanceId>,
    tasks: BTreeMap<TaskId, TaskRow>,
    /// The scheduled tasks in the order in which they are due.
    due: BTreeSet<(Timestamp, TaskId)>,
    windows: BTreeMap<WindowId, WindowRow>,
    workers: BTreeMap<WorkerId, Timestamp>,
    last_id: i64,
    ended: Vec<InstanceId>,
    is_due_changed: bool,
}

#[derive(Debug)]
struct TaskRow {
    task: Task,
    status: TaskStatus,
    fence: i64,
    /// Whether the next page has its task.
    is_continued: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum TaskStatus {
    Scheduled(Timestamp),
    Running(WorkerId),
    Failed(String),
}

#[derive(Debug)]
struct WindowRow {
    instance: InstanceId,
    hop: Hop,
    group: Option<String>,
    is_sealed: bool,
    packages: Vec<String>,
}

impl TaskRow {
    fn is_wanted(&self, claiming: &Claiming) -> bool {
        claiming.machines.contains(&self.task.machine)
            && claiming.queues.as_ref().is_none_or(|queues| queues.contains(&self.task.queue))
    }
}

impl World {
    fn start(&mut self, new: NewInstance, now: Timestamp) -> Started {
        let key = new.key.clone().map(|key| (new.machine.clone(), key));
        if let Some(id) = key.as_ref().and_then(|key| self.keys.get(key)) {
            return Started { id: *id, is_new: false };
        }
        let id = InstanceId(self.next_id());
        if let Some(key) = key {
            self.keys.insert(key, id);
        }
        self.instances.insert(
            id,
            Instance {
                id,
                machine: new.machine.clone(),
                key: new.key,
                status: InstanceStatus::Active,
                n_live: 0,
                context: new.context,
                reason: None,
                failed: Vec::new(),
                created_at: now,
                ended_at: None,
            },
        );
        self.follow(id, &new.machine, new.first, now);
        Started { id, is_new: true }
    }

    fn claim(&mut self, claiming: &Claiming, now: Timestamp) -> Vec<Claim> {
        let limit = usize::try_from(claiming.limit.get()).unwrap_or(usize::MAX);
        let due = self.due.iter().take_while(|(at, _)| *at <= now);
        let wanted = due.filter(|(_, id)| self.tasks[id].is_wanted(claiming));
        let taken: Vec<(Timestamp, TaskId)> = wanted.take(limit).copied().collect();
        let claim = |entry: &(Timestamp, TaskId)| {
            self.due.remove(entry);
            let row = self.tasks.get_mut(&entry.1)?;
            row.status = TaskStatus::Running(claiming.worker);
            row.fence += 1;
            row.task.attempt += 1;
            let lease = Lease { task: entry.1, worker: claiming.worker, fence: row.fence };
            Some(Claim { lease, task: row.task.clone() })
        };
        taken.iter().filter_map(claim).collect()
    }

    /// Takes the tasks of silent workers back.
    fn rescue(&mut self, now: Timestamp) {
        self.workers.retain(|_, expires_at| *expires_at > now);
        let known: BTreeSet<WorkerId> = self.workers.keys().copied().collect();
        for id in self.tasks_of(|owner| !known.contains(owner)) {
            self.schedule(id, now);
        }
    }

    fn commit(&mut self, lease: &Lease, commit: Commit, now: Timestamp) -> Result<(), StoreError> {
        let row = self.leased(lease)?;
        let (instance, machine, window) = (row.task.instance, row.task.machine.clone(), row.task.window);
        match commit {
            Commit::Done { next, context } => {
                self.tasks.remove(&lease.task);
                window.map(|window| self.windows.remove(&window));
                next.into_iter().for_each(|next| self.follow(instance, &machine, next, now));
                self.end_branch(instance, Some(context), now);
            }
            Commit::Retry { delay, error: _ } => self.schedule(lease.task, after(now, delay)),
            Commit::Fail { error } => {
                row.status = TaskStatus::Failed(error);
                self.end_branch(instance, None, now);
            }
            Commit::Halt { reason } => self.halt(instance, reason, now),
        }
        Ok(())
    }

    /// The row of a task, if the lease still gives a right to it.
    fn leased(&mut self, lease: &Lease) -> Result<&mut TaskRow, StoreError> {
        let row = self.tasks.get_mut(&lease.task).ok_or_else(StoreError::lease_lost)?;
        let is_owner = row.status == TaskStatus::Running(lease.worker) && row.fence == lease.fence;
        if is_owner { Ok(row) } else { Err(StoreError::lease_lost()) }
    }

    fn follow(&mut self, instance: InstanceId, machine: &str, next: Next, now: Timestamp) {
        match next {
            Next::Task(task) => self.insert(instance, machine.to_owned(), task, None, now),
            Next::Package(package) => self.join(instance, machine, package, now),
        }
    }

    fn insert(
        &mut self,
        instance: InstanceId,
        machine: String,
        new: NewTask,
        window: Option<WindowId>,
        now: Timestamp,
    ) {
        let id = TaskId(self.next_id());
        let task = Task {
            id,
            instance,
            machine,
            key: new.key,
            hop: new.hop,
            queue: new.queue,
            context: new.context,
            token: new.token,
            window,
            attempt: 0,
            created_at: now,
        };
        let run_at = after(now, new.delay);
        let status = TaskStatus::Scheduled(run_at);
        self.tasks.insert(id, TaskRow { task, status, fence: 0, is_continued: false });
        self.schedule(id, run_at);
        if let Some(instance) = self.instances.get_mut(&instance) {
            instance.n_live += 1;
        }
    }

    /// Adds a package to the open window of its instance, hop and group, or opens one with its task.
    fn join(&mut self, instance: InstanceId, machine: &str, package: NewPackage, now: Timestamp) {
        let NewPackage { window_key, hop, group, queue, context, period } = package;
        let open = self.windows.values_mut().find(|window| {
            !window.is_sealed && window.instance == instance && window.hop == hop && window.group == group
        });
        if let Some(window) = open {
            window.packages.push(context);
            return;
        }
        let id = WindowId(self.next_id());
        self.windows
            .insert(id, WindowRow { instance, hop: hop.clone(), group, is_sealed: false, packages: vec![context] });
        let task = NewTask { key: window_key, hop, queue, context: String::new(), token: None, delay: period };
        self.insert(instance, machine.to_owned(), task, Some(id), now);
    }

    /// Counts a live branch less, and ends the instance with the last.
    fn end_branch(&mut self, id: InstanceId, context: Option<String>, now: Timestamp) {
        let has_failed = self.failed_tasks(id).next().is_some();
        let Some(instance) = self.instances.get_mut(&id) else { return };
        instance.n_live -= 1;
        if instance.n_live > 0 {
            return;
        }
        instance.status = if has_failed { InstanceStatus::Failed } else { InstanceStatus::Finished };
        instance.ended_at = Some(now);
        instance.context = context.unwrap_or_else(|| std::mem::take(&mut instance.context));
        self.ended.push(id);
    }

    fn halt(&mut self, id: InstanceId, reason: String, now: Timestamp) {
        self.tasks.retain(|_, row| row.task.instance != id);
        self.due.retain(|(_, task)| self.tasks.contains_key(task));
        self.windows.retain(|_, window| window.instance != id);
        let Some(instance) = self.instances.get_mut(&id) else { return };
        instance.status = InstanceStatus::Halted;
        instance.n_live = 0;
        instance.reason = Some(reason);
        instance.ended_at = Some(now);
        self.ended.push(id);
    }

    fn instance(&self, id: InstanceId) -> Option<Instance> {
        let mut instance = self.instances.get(&id)?.clone();
        instance.failed = self.failed_tasks(id).collect();
        Some(instance)
    }

    fn failed_tasks(&self, instance: InstanceId) -> impl Iterator<Item = FailedTask> {
        self.tasks.values().filter(move |row| row.task.instance == instance).filter_map(|row| match &row.status {
            TaskStatus::Failed(error) => Some(FailedTask {
                id: row.task.id,
                hop: row.task.hop.clone(),
                context: row.task.context.clone(),
                attempts: row.task.attempt,
                error: error.clone(),
            }),
            TaskStatus::Scheduled(_) | TaskStatus::Running(_) => None,
        })
    }

    fn tasks_of(&self, is_owner: impl Fn(&WorkerId) -> bool) -> Vec<TaskId> {
        let owned = |row: &&TaskRow| matches!(&row.status, TaskStatus::Running(owner) if is_owner(owner));
        self.tasks.values().filter(owned).map(|row| row.task.id).collect()
    }

    fn schedule(&mut self, id: TaskId, run_at: Timestamp) {
        if let Some(row) = self.tasks.get_mut(&id) {
            row.status = TaskStatus::Scheduled(run_at);
            self.due.insert((run_at, id));
            self.is_due_changed = true;
        }
    }

    fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }
}

fn after(now: Timestamp, delay: Duration) -> Timestamp {
    now.saturating_add(delay).unwrap_or(Timestamp::MAX)
}
