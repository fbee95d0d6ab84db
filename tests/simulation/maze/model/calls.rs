//! The calls of workers and operators, and what each may answer.

use std::time::Duration;

use fantasm::{
    InstanceId, TaskKey, WorkerId,
    store::{Claim, Claiming, Hop, InstanceStatus, Lease, NewTask, Started, StoreError, StoreErrorKind},
};
use jiff::Timestamp;

use super::{
    Body, Due, Held, Item, Model, Verified,
    branch::{Beginning, due, item},
    ensure,
};
use crate::maze::intent::Intent;

impl Model {
    /// Somebody has started an instance.
    pub(crate) fn started(&mut self, beginning: Beginning, started: Started, now: Timestamp) -> Verified {
        let (at, is_new) = self.begin(beginning, now);
        let saga = &mut self.instances[at];
        ensure(is_new == started.is_new, || format!("{started:?} of instance {:?}", saga.id))?;
        match saga.id {
            Some(id) if id != started.id => Err(format!("instance {id} was answered as {}", started.id)),
            _ => {
                saga.id = Some(started.id);
                Ok(())
            }
        }
    }

    pub(crate) fn registered(&mut self, worker: WorkerId, until: Timestamp) {
        self.workers.insert(worker, until);
    }

    pub(crate) fn renewed(&mut self, worker: WorkerId, until: Timestamp, is_lost: bool) -> Verified {
        let known = self.workers.get_mut(&worker);
        ensure(known.is_none() == is_lost, || format!("the lease of worker {worker} is lost: {is_lost}"))?;
        if let Some(known) = known {
            *known = until;
        }
        Ok(())
    }

    /// A worker was given tasks, after those of silent workers were taken back: all that it asked for, or all that there were.
    pub(crate) fn claimed(
        &mut self,
        claiming: &Claiming,
        answer: &Result<Vec<Claim>, StoreError>,
        now: Timestamp,
    ) -> Verified {
        let (worker, labels) = (claiming.worker, claiming.labels.as_deref());
        let is_lost = answer.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::LeaseLost);
        let is_dead = self.workers.get(&worker).is_none_or(|until| *until <= now);
        ensure(is_lost == is_dead, || format!("worker {worker} claims; dead: {is_dead}, lease lost: {is_lost}"))?;
        let Ok(claims) = answer else { return Ok(()) };
        // What is taken back may wait for the next claim.
        let due = self.due_for(claiming, now);
        self.rescue(now);
        claims.iter().try_for_each(|claim| {
            let has_label = |target: &String| labels.is_none_or(|labels| labels.contains(target));
            let is_ours = claim.task.target.as_ref().is_none_or(has_label);
            ensure(is_ours, || format!("a worker with {labels:?} was given {claim:?}"))?;
            self.given(worker, claim, now)
        })?;
        let is_filled = claims.len() as u64 >= u64::from(claiming.limit.get());
        let passed_over = due.into_iter().filter_map(|key| self.tasks.get(&key)).find(|item| item.held.is_none());
        ensure(is_filled || passed_over.is_none(), || {
            format!("worker {worker} was given {} tasks, and not {passed_over:?}, which was due", claims.len())
        })
    }

    /// The tasks that a worker has to be given.
    fn due_for(&self, claiming: &Claiming, now: Timestamp) -> Vec<TaskKey> {
        let has_label = |target: &String| claiming.labels.as_ref().is_none_or(|labels| labels.contains(target));
        let is_due = |item: &Item| {
            let saga = &self.instances[item.instance];
            item.held.is_none()
                && !item.is_failed
                && matches!(item.due, Due::At(at) if Self::until(at, item.spread) <= now)
                && saga.status == InstanceStatus::Active
                && !saga.is_paused
                && !self.paused.contains(&item.queue)
                && item.target.as_ref().is_none_or(has_label)
                && claiming.machines.iter().any(|machine| machine == saga.machine.name)
                && claiming.queues.as_ref().is_none_or(|queues| queues.contains(&item.queue))
        };
        self.tasks.iter().filter(|(_, item)| is_due(item)).map(|(key, _)| *key).collect()
    }

    fn rescue(&mut self, now: Timestamp) {
        self.workers.retain(|_, until| *until > now);
        let workers = &self.workers;
        let is_silent = |item: &&mut Item| item.held.is_some_and(|held| !workers.contains_key(&held.lease.worker));
        for item in self.tasks.values_mut().filter(is_silent) {
            item.held = None;
            item.due = Due::At(now);
            item.n_crashes += 1;
            self.counts.n_rescued += 1;
        }
    }

    /// One task was given to a worker.
    fn given(&mut self, worker: WorkerId, Claim { lease, task, .. }: &Claim, now: Timestamp) -> Verified {
        let Some(item) = self.tasks.get_mut(&task.key) else {
            return Err(format!("nobody made the task {task:?}, or it is done"));
        };
        let what = format!("{} of instance {}", task.id, task.instance);
        let saga = &mut self.instances[item.instance];
        let instance = *saga.id.get_or_insert(task.instance);
        let id = *self.ids.entry(task.key).or_insert(task.id);
        ensure((instance, id) == (task.instance, task.id), || format!("{task:?} was of {instance} as {id}"))?;
        ensure(item.held.is_none(), || format!("task {what} is held by {:?}", item.held))?;
        ensure(!item.is_failed, || format!("task {what} was given up, and nobody retried it"))?;
        ensure(matches!(item.due, Due::At(at) if at <= now), || {
            format!("task {what} is due {:?}, not {now}", item.due)
        })?;
        ensure(!saga.is_paused, || format!("the instance of task {what} is paused"))?;
        ensure(!self.paused.contains(&task.queue), || format!("the queue of task {what} is paused"))?;
        item.attempt += 1;
        (item.spread, item.between) = (Duration::ZERO, [now; 2]);
        let (context, has_window) = match &item.body {
            Body::Context(context) => (context.as_str(), false),
            Body::Window { .. } => ("", true),
        };
        let expected = (&item.hop, context, &item.token, item.queue.as_str(), &item.queue_override, item.attempt);
        let is =
            (&task.hop, task.context.as_str(), &task.token, task.queue.as_str(), &task.queue_override, task.attempt);
        ensure(is == expected, || format!("task {what} is {is:?}, and not {expected:?}"))?;
        let expected = (has_window, item.has_cause, saga.machine.name, item.created_at);
        let is = (task.window.is_some(), task.cause.is_some(), task.machine.as_str(), task.created_at);
        ensure(is == expected, || format!("task {what} is {is:?}, and not {expected:?}"))?;
        let expected = (&item.target, &saga.headers, item.n_crashes);
        let is = (&task.target, &task.headers, task.n_crashes);
        ensure(is == expected, || format!("task {what} is {is:?}, and not {expected:?}"))?;
        ensure(lease.worker == worker && lease.fence > item.fence, || format!("{lease:?} after {}", item.fence))?;
        item.fence = lease.fence;
        self.past.push(format!("{now} {} {:?} {:?}, attempt {}", item.instance, item.hop, item.token, item.attempt));
        item.held = Some(Held { lease: *lease, since: now });
        Ok(())
    }

    /// The task of a lease, as far as somebody has a right to it.
    pub(super) fn leased(&self, lease: &Lease) -> Option<TaskKey> {
        let is_held = |item: &Item| item.held.is_some_and(|held| held.lease == *lease);
        self.tasks.iter().find(|(_, item)| is_held(item)).map(|(key, _)| *key)
    }

    /// Whether a write for a lease was refused as it had to be; the task where it was not.
    pub(super) fn written<T>(
        &mut self,
        lease: &Lease,
        answer: &Result<T, StoreError>,
    ) -> Result<Option<TaskKey>, String> {
        let is_refused = answer.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::LeaseLost);
        let key = self.leased(lease);
        match answer {
            Err(error) if !is_refused => Err(format!("{lease:?}: {error}")),
            _ if is_refused != key.is_none() => Err(format!("{lease:?} was refused: {is_refused}; it holds {key:?}")),
            _ => {
                self.counts.n_refused += u64::from(is_refused);
                Ok(key)
            }
        }
    }

    /// The next page has its task.
    pub(crate) fn advanced(
        &mut self,
        lease: &Lease,
        next: &NewTask,
        intent: &Intent,
        answer: &Result<bool, StoreError>,
        now: Timestamp,
    ) -> Verified {
        let (Some(key), Ok(has_effect)) = (self.written(lease, answer)?, answer) else { return Ok(()) };
        ensure(next.token == intent.next_page, || format!("the next page is {:?}, not {next:?}", intent.next_page))?;
        ensure(intent.log.is_empty(), || format!("an action ran before the next page {:?} was made", next.token))?;
        let item = self.tasks.get_mut(&key).ok_or("a leased task is known")?;
        ensure(*has_effect != item.is_advanced, || format!("{lease:?} advances: {has_effect}, {}", item.is_advanced))?;
        if std::mem::replace(&mut item.is_advanced, true) {
            return Ok(());
        }
        let at = item.instance;
        let page = Item {
            token: next.token.clone(),
            held: None,
            is_advanced: false,
            attempt: 0,
            n_crashes: 0,
            fence: 0,
            created_at: now,
            ..item.clone()
        };
        let machine = self.instances[at].machine;
        let state = page.hop.to().and_then(|to| machine.state(to)).ok_or("the state of a page is known")?;
        let page = Item { due: due(now, state.continuation_countdown), ..page };
        self.tasks.insert(key.child("page", 0), page);
        self.touched.insert(at);
        Ok(())
    }

    /// The packages of a window were handed out.
    pub(crate) fn sealed(&mut self, lease: &Lease, answer: &Result<Vec<String>, StoreError>) -> Verified {
        let (Some(key), Ok(contexts)) = (self.written(lease, answer)?, answer) else { return Ok(()) };
        let item = self.tasks.get_mut(&key).ok_or("a leased task is known")?;
        let Body::Window { packages, is_sealed, .. } = &mut item.body else {
            return Err(format!("{lease:?} is no fan-in, but was handed {contexts:?}"));
        };
        *is_sealed = true;
        ensure(packages == contexts, || format!("{lease:?} was handed {contexts:?}, and not {packages:?}"))
    }

    /// A worker has said goodbye.
    pub(crate) fn retired(&mut self, worker: WorkerId, now: Timestamp) {
        self.workers.remove(&worker);
        for item in self.tasks.values_mut().filter(|item| item.held.is_some_and(|held| held.lease.worker == worker)) {
            item.held = None;
            item.attempt -= 1;
            item.due = Due::At(now);
        }
    }

    pub(crate) fn cancelled(&mut self, id: InstanceId, was_active: bool, now: Timestamp) -> Verified {
        let at = self.at(id)?;
        let status = self.instances[at].status;
        ensure(was_active == (status == InstanceStatus::Active), || {
            format!("{id}, {status}, cancelled: {was_active}")
        })?;
        if was_active {
            self.end(at, InstanceStatus::Cancelled, now);
        }
        Ok(())
    }

    /// What was given up is tried again, from where it was given up or from a state that somebody chose.
    pub(crate) fn retried(&mut self, id: InstanceId, into: Option<&str>, n_retried: u64, now: Timestamp) -> Verified {
        let at = self.at(id)?;
        let mut n_failed = 0;
        let failed = self.tasks.iter().filter(|(_, item)| item.instance == at && item.is_failed);
        let failed: Vec<TaskKey> = failed.map(|(key, _)| *key).collect();
        for mut key in failed {
            let Some(mut item) = self.tasks.remove(&key) else { continue };
            n_failed += 1;
            (item.is_failed, item.attempt, item.created_at, item.due) = (false, 0, now, Due::At(now));
            item.n_crashes = 0;
            if let (Some(into), Body::Context(_)) = (into.filter(|into| item.hop.to() != Some(into)), &item.body) {
                key = key.anew();
                let from = item.hop.to().or(item.hop.from()).unwrap_or_default().to_owned();
                item.hop = Hop::Jump { from, to: into.to_owned() };
                (item.token, item.is_advanced) = (None, false);
            }
            self.tasks.insert(key, item);
        }
        ensure(n_failed == n_retried, || format!("{n_retried} tasks of {id} were retried, and not {n_failed}"))?;
        if n_failed > 0 {
            let saga = &mut self.instances[at];
            (saga.status, saga.ended_at) = (InstanceStatus::Active, None);
            self.touched.insert(at);
        }
        Ok(())
    }

    pub(crate) fn instance_paused(&mut self, id: InstanceId, is_paused: bool, was_active: bool) -> Verified {
        let at = self.at(id)?;
        let saga = &mut self.instances[at];
        let is_active = saga.status == InstanceStatus::Active && !saga.is_purged;
        ensure(was_active == is_active, || format!("{id}, {}, is paused: {was_active}", saga.status))?;
        saga.is_paused = is_active && is_paused;
        self.touched.insert(at);
        Ok(())
    }

    pub(crate) fn purged(&mut self, ended_before: Timestamp, n_purged: u64) -> Verified {
        let mut n_gone = 0;
        for at in 0..self.instances.len() {
            let saga = &mut self.instances[at];
            if !saga.is_purged && saga.ended_at.is_some_and(|ended_at| ended_at < ended_before) {
                n_gone += 1;
                saga.is_purged = true;
                self.tasks.retain(|_, item| item.instance != at);
                self.touched.insert(at);
            }
        }
        self.counts.n_purged += n_gone;
        ensure(n_gone == n_purged, || format!("{n_purged} instances were purged, and not {n_gone}"))
    }

    /// The first task of an instance that begins now.
    pub(crate) fn until(now: Timestamp, lease: Duration) -> Timestamp {
        now.saturating_add(lease).unwrap_or(Timestamp::MAX)
    }

    /// A task of the same branch, under another way.
    pub(super) fn onward(of: &Item, hop: Hop, context: String, queue: &str, now: Timestamp) -> Item {
        item(of.instance, hop, context, queue, now)
    }
}
