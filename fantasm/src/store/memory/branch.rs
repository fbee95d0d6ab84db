//! Instances and their branches: how they start, go on, meet and end.

use std::num::NonZeroU32;

use jiff::Timestamp;

use super::world::{TaskRow, TaskStatus, WindowRow, World, after};
use crate::{
    engine::{Closing, NewInstance, NewPackage, NewTask, Next, Task},
    id::{InstanceId, TaskId, WindowId},
    store::{Instance, InstanceStatus, Started},
};

/// Whose a task is.
pub(super) struct Owner {
    pub(super) instance: InstanceId,
    machine: String,
}

impl Owner {
    pub(super) fn of(task: &Task) -> Self {
        Self { instance: task.instance, machine: task.machine.clone() }
    }
}

impl World {
    pub(super) fn start(&mut self, new: NewInstance, now: Timestamp) -> Started {
        let key = new.key.clone().map(|key| (new.machine.clone(), key));
        if let Some(id) = key.as_ref().and_then(|key| self.keys.get(key)) {
            return Started { id: *id, is_new: false };
        }
        let id = InstanceId(self.next_id());
        if let Some(key) = key {
            self.keys.insert(key, id);
        }
        let instance = Instance {
            id,
            machine: new.machine.clone(),
            key: new.key,
            parent: new.parent,
            status: InstanceStatus::Active,
            is_paused: false,
            headers: new.headers,
            n_live: 0,
            context: new.context,
            reason: None,
            failed: Vec::new(),
            created_at: now,
            ended_at: None,
        };
        self.instances.insert(id, instance);
        self.on_end.insert(id, new.on_end);
        self.follow(&Owner { instance: id, machine: new.machine }, new.first, now);
        if self.instances.get(&id).is_some_and(|instance| instance.n_live == 1) {
            self.release_waiting(id, now);
        }
        Started { id, is_new: true }
    }

    pub(super) fn follow(&mut self, owner: &Owner, next: Next, now: Timestamp) {
        match next {
            Next::Task(task) => self.insert(owner, task, None, now),
            Next::Package(package) => self.join(owner, package, now),
            Next::Spawn(instance) => {
                self.start(*instance, now);
            }
        }
    }

    pub(super) fn insert(&mut self, owner: &Owner, new: NewTask, window: Option<WindowId>, now: Timestamp) {
        let id = TaskId(self.next_id());
        let task = Task {
            id,
            instance: owner.instance,
            machine: owner.machine.clone(),
            key: new.key,
            hop: new.hop,
            queue: new.queue,
            target: new.target,
            headers: self.instances.get(&owner.instance).map(|instance| instance.headers.clone()).unwrap_or_default(),
            context: new.context,
            token: new.token,
            window,
            queue_override: new.queue_override,
            cause: new.cause,
            attempt: 0,
            n_crashes: 0,
            created_at: now,
        };
        let status = TaskStatus::Scheduled(Timestamp::MAX);
        self.tasks.insert(id, TaskRow { task, status, fence: 0, is_continued: false, claimed_at: now });
        self.schedule(id, after(now, new.delay));
        if let Some(instance) = self.instances.get_mut(&owner.instance) {
            instance.n_live += 1;
        }
    }

    /// Adds a package to the open window of its instance, hop and group, or opens one with its task.
    fn join(&mut self, owner: &Owner, package: NewPackage, now: Timestamp) {
        let is_open = |(_, window): &(&WindowId, &mut WindowRow)| {
            let WindowRow { instance, hop, group, is_sealed, .. } = &**window;
            let is_one_way = match package.closing {
                Closing::After { .. } => *hop == package.hop,
                Closing::Alone => hop.to() == package.hop.to(),
            };
            !is_sealed && *instance == owner.instance && is_one_way && *group == package.group
        };
        let closing = package.closing;
        let id = match self.windows.iter_mut().find(is_open) {
            Some((id, window)) => {
                window.packages.push(package.context);
                *id
            }
            None => self.open(owner, package, now),
        };
        let Some(window) = self.windows.get_mut(&id) else { return };
        let n_packages = u32::try_from(window.packages.len()).unwrap_or(u32::MAX);
        if matches!(closing, Closing::After { max: Some(max), .. } if n_packages >= max.get()) {
            window.is_sealed = true;
            self.waiting_drainer(id).into_iter().for_each(|task| self.schedule(task, now));
        }
    }

    fn open(&mut self, owner: &Owner, package: NewPackage, now: Timestamp) -> WindowId {
        let NewPackage { window_key, hop, group, queue, target, queue_override, context, closing, rank } = package;
        let id = WindowId(self.next_id());
        let packages = vec![context];
        let instance = owner.instance;
        self.windows.insert(id, WindowRow { instance, hop: hop.clone(), group, rank, is_sealed: false, packages });
        let delay = match closing {
            Closing::After { period, .. } => period,
            Closing::Alone => std::time::Duration::MAX,
        };
        let task = NewTask { delay, target, queue_override, ..NewTask::new(window_key, hop, queue, "") };
        self.insert(owner, task, Some(id), now);
        id
    }

    /// Hears that a branch came to its end or goes on otherwise. When those that are live only wait for the others, it lets
    /// the first of them go, or ends the instance where one of the others has failed; and so it does with the last.
    pub(super) fn end_branch(&mut self, id: InstanceId, context: Option<String>, now: Timestamp) {
        let n_waiting = self.waiting(id).len();
        let Some(instance) = self.instances.get_mut(&id) else { return };
        instance.n_live -= 1;
        if instance.n_live > u64::try_from(n_waiting).unwrap_or(u64::MAX) {
            return;
        }
        if instance.n_live > 0 && instance.failed.is_empty() {
            return self.release_waiting(id, now);
        }
        instance.status = if instance.failed.is_empty() { InstanceStatus::Finished } else { InstanceStatus::Failed };
        instance.n_live = 0;
        instance.ended_at = Some(now);
        instance.context = context.unwrap_or_else(|| std::mem::take(&mut instance.context));
        self.tell_end(id, now);
    }

    /// Tells waiters that an instance has ended, and starts what starts then.
    fn tell_end(&mut self, id: InstanceId, now: Timestamp) {
        self.ended.push(id);
        if let Some(instance) = self.instances.get_mut(&id) {
            instance.is_paused = false;
        }
        let (Some(ended), Some(on_end)) = (self.instances.get(&id), self.on_end.get(&id)) else { return };
        ended.completion().successors(on_end).into_iter().for_each(|next| {
            self.start(next, now);
        });
    }

    /// Lets those windows of the lowest rank be drained that wait for all other branches.
    fn release_waiting(&mut self, id: InstanceId, now: Timestamp) {
        let rank_of = |task: &TaskId| self.windows.get(&self.tasks[task].task.window?).map(|window| window.rank);
        let mut waiting = self.waiting(id);
        let lowest = waiting.iter().map(rank_of).min();
        waiting.retain(|task| Some(rank_of(task)) == lowest);
        waiting.into_iter().for_each(|task| self.schedule(task, now));
    }

    /// The tasks of an instance's windows that wait for all its other branches.
    fn waiting(&self, id: InstanceId) -> Vec<TaskId> {
        let waiting = self.due.range((Timestamp::MAX, TaskId(i64::MIN))..);
        waiting.map(|(_, task)| *task).filter(|task| self.tasks[task].task.instance == id).collect()
    }

    pub(super) fn cancel(&mut self, id: InstanceId, now: Timestamp) -> bool {
        let is_active = self.instances.get(&id).is_some_and(|instance| instance.status == InstanceStatus::Active);
        if is_active {
            self.end(id, InstanceStatus::Cancelled, None, now);
        }
        is_active
    }

    /// Ends an instance whatever branches it has: all its tasks, windows and packages go away.
    pub(super) fn end(&mut self, id: InstanceId, status: InstanceStatus, reason: Option<String>, now: Timestamp) {
        self.remove_branches(id);
        let Some(instance) = self.instances.get_mut(&id) else { return };
        instance.status = status;
        instance.n_live = 0;
        instance.failed.clear();
        instance.reason = reason;
        instance.ended_at = Some(now);
        self.tell_end(id, now);
    }

    pub(super) fn retry(&mut self, id: InstanceId, into: Option<&str>, now: Timestamp) -> u64 {
        let n_waiting = u64::try_from(self.waiting(id).len()).unwrap_or(u64::MAX);
        let Some(instance) = self.instances.get_mut(&id) else { return 0 };
        let failed = std::mem::take(&mut instance.failed);
        let n_failed = u64::try_from(failed.len()).unwrap_or(u64::MAX);
        if n_failed > 0 {
            if instance.status == InstanceStatus::Failed {
                // What has waited for a failed branch until the instance ended goes on waiting.
                instance.n_live = n_waiting;
            }
            instance.status = InstanceStatus::Active;
            instance.ended_at = None;
            instance.n_live += n_failed;
        }
        for task in failed {
            if let Some(row) = self.tasks.get_mut(&task.id) {
                row.task.attempt = 0;
                row.task.n_crashes = 0;
                row.task.created_at = now;
                if let (Some(into), None) = (into.filter(|into| row.task.hop.to() != Some(into)), row.task.window) {
                    row.task.hop = row.task.hop.jump(into);
                    row.task.key = row.task.key.anew();
                    row.task.token = None;
                    row.is_continued = false;
                }
            }
            self.schedule(task.id, now);
        }
        n_failed
    }

    pub(super) fn set_instance_paused(&mut self, id: InstanceId, is_paused: bool) -> bool {
        let Some(instance) = self.instances.get_mut(&id) else { return false };
        if instance.status != InstanceStatus::Active {
            return false;
        }
        instance.is_paused = is_paused;
        self.is_due_changed = true;
        true
    }

    pub(super) fn purge(&mut self, ended_before: Timestamp, limit: NonZeroU32) -> u64 {
        let ended = self.instances.values().filter_map(|instance| Some((instance.ended_at?, instance.id)));
        let mut ended: Vec<_> = ended.filter(|(ended_at, _)| *ended_at < ended_before).collect();
        ended.sort_unstable();
        ended.truncate(usize::try_from(limit.get()).unwrap_or(usize::MAX));
        for (_, id) in &ended {
            self.remove_branches(*id);
            self.instances.remove(id);
            self.keys.retain(|_, instance| instance != id);
            self.history.remove(id);
            self.logs.remove(id);
            self.on_end.remove(id);
        }
        u64::try_from(ended.len()).unwrap_or(u64::MAX)
    }

    fn remove_branches(&mut self, id: InstanceId) {
        self.tasks.retain(|_, row| row.task.instance != id);
        self.due.retain(|(_, task)| self.tasks.contains_key(task));
        self.windows.retain(|_, window| window.instance != id);
    }

    /// The task of a window, while it waits; one that runs or was given up is nobody's to schedule.
    fn waiting_drainer(&self, window: WindowId) -> Option<TaskId> {
        let waits = |row: &&TaskRow| row.task.window == Some(window) && matches!(row.status, TaskStatus::Scheduled(_));
        self.tasks.values().find(waits).map(|row| row.task.id)
    }

    pub(super) fn instance(&self, id: InstanceId) -> Option<Instance> {
        self.instances.get(&id).cloned()
    }
}
