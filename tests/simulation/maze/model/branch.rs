//! How branches start, go on, meet and end, by the promises.

use std::{collections::BTreeSet, time::Duration};

use fantasm::{
    MachineDescriptor, StateDescriptor, TaskKey,
    store::{Closing, Hop, InstanceStatus},
};
use jiff::Timestamp;

use super::{Body, Due, Item, Model, Saga};
use crate::maze::intent::Wish;

/// An instance that is to start.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) root: TaskKey,
    pub(crate) machine: &'static MachineDescriptor,
    pub(crate) key: Option<String>,
    pub(crate) parent: Option<usize>,
    pub(crate) context: String,
    pub(crate) wish: Wish,
}

impl Model {
    /// Books a start; answers the instance and whether it is a new one.
    pub(super) fn begin(&mut self, beginning: Beginning, now: Timestamp) -> (usize, bool) {
        let Beginning { root, machine, key, parent, context, wish } = beginning;
        let has_key = |saga: &Saga| saga.machine.name == machine.name && saga.key == key && !saga.is_purged;
        if let Some(known) = key.as_ref().and_then(|_| self.instances.iter().position(has_key)) {
            return (known, false);
        }
        let at = self.instances.len();
        self.instances.push(Saga {
            id: None,
            machine,
            key,
            parent,
            headers: wish.headers,
            n_successors: machine.on_finish.iter().count() + wish.n_then,
            status: InstanceStatus::Active,
            context: context.clone(),
            ended_at: None,
            is_purged: false,
            is_paused: false,
            history: Vec::new(),
            log: Vec::new(),
        });
        let initial = &machine.states[machine.initial];
        let hop = Hop::Start { to: initial.name.to_owned() };
        let first = item(at, hop, context, wish.queue.as_deref().unwrap_or(machine.queue), now);
        let (due, target) = (due(now, Duration::from_secs(wish.delay)), machine.target.map(str::to_owned));
        self.enter(initial, root, Item { due, target, queue_override: wish.queue, ..first }, now);
        self.release_waiting(at, now);
        self.touched.insert(at);
        (at, true)
    }

    /// A branch goes on by a task, or by joining a window where the state is a fan-in.
    pub(super) fn enter(&mut self, to: &StateDescriptor, key: TaskKey, item: Item, now: Timestamp) {
        let Some(fan_in) = to.fan_in else {
            self.tasks.insert(key, item);
            return;
        };
        let Body::Context(context) = &item.body else { return };
        let group = fan_in.group.and_then(|field| {
            let data: serde_json::Value = serde_json::from_str(context).ok()?;
            Some(data.get(field)?.to_string())
        });
        let is_one_way = |other: &Hop| match fan_in.closing {
            Closing::After { .. } => *other == item.hop,
            Closing::Alone => other.to() == item.hop.to(),
        };
        let open = self.tasks.values_mut().find_map(|other| match &mut other.body {
            Body::Window { group: of, packages, is_sealed: false }
                if other.instance == item.instance && is_one_way(&other.hop) && *of == group =>
            {
                packages.push(context.clone());
                Some((packages.len(), &mut other.body, other.held.is_none() && !other.is_failed, &mut other.due))
            }
            Body::Window { .. } | Body::Context(_) => None,
        });
        let Closing::After { period, max } = fan_in.closing else {
            if open.is_none() {
                let body = Body::Window { group, packages: vec![context.clone()], is_sealed: false };
                self.tasks.insert(key.child("window", 0), Item { body, due: Due::Alone, ..item });
            }
            return;
        };
        let is_full = |n_packages: usize| max.is_some_and(|max| n_packages >= max.get() as usize);
        if let Some((n_packages, body, is_waiting, at)) = open {
            if is_full(n_packages) {
                if let Body::Window { is_sealed, .. } = body {
                    *is_sealed = true;
                }
                if is_waiting {
                    *at = Due::At(now);
                }
            }
            return;
        }
        let delay = match item.due {
            Due::At(at) => Duration::try_from(at.duration_since(now)).unwrap_or_default(),
            Due::Alone => Duration::ZERO,
        };
        let body = Body::Window { group, packages: vec![context.clone()], is_sealed: false };
        self.tasks.insert(key.child("window", 0), Item { body, due: due(now, period + delay), ..item });
    }

    /// A branch has ended or goes on otherwise; the last one to end is the end of the instance, and so is one after which
    /// joins are left that wait for a branch which has failed.
    pub(super) fn end_branch(&mut self, at: usize, context: Option<String>, now: Timestamp) {
        self.touched.insert(at);
        let has_failed = self.tasks.values().any(|item| item.instance == at && item.is_failed);
        let is_waiting = |item: &Item| item.is_failed || item.due == Due::Alone;
        let is_at_rest = self.tasks.values().filter(|item| item.instance == at).all(is_waiting);
        if !is_at_rest || (self.n_live(at) > 0 && !has_failed) {
            return self.release_waiting(at, now);
        }
        let saga = &mut self.instances[at];
        saga.status = if has_failed { InstanceStatus::Failed } else { InstanceStatus::Finished };
        saga.ended_at = Some(now);
        saga.is_paused = false;
        if let Some(context) = context {
            saga.context = context;
        }
        self.succeed(at, now);
    }

    /// An instance ends with all its branches.
    pub(super) fn end(&mut self, at: usize, status: InstanceStatus, now: Timestamp) {
        self.touched.insert(at);
        self.tasks.retain(|_, item| item.instance != at);
        let saga = &mut self.instances[at];
        saga.status = status;
        saga.ended_at = Some(now);
        saga.is_paused = false;
        self.succeed(at, now);
    }

    /// Joins fire when every live branch of the instance is one that waits so, but for those that others of them lead to.
    fn release_waiting(&mut self, at: usize, now: Timestamp) {
        let machine = self.instances[at].machine;
        let is_waiting = |item: &Item| item.due == Due::Alone && item.held.is_none();
        let mut live =
            self.tasks.values_mut().filter(|item| item.instance == at && !item.is_failed).collect::<Vec<_>>();
        if live.iter().all(|item| is_waiting(item)) {
            let n_before = |item: &Item| item.hop.to().map_or(0, |to| n_before(machine, to));
            let fewest = live.iter().map(|item| n_before(item)).min();
            live.retain(|item| Some(n_before(item)) == fewest);
            live.into_iter().for_each(|item| item.due = Due::At(now));
        }
    }
}

/// How many joins lead to the one of that name, and not it to them.
fn n_before(machine: &MachineDescriptor, name: &str) -> usize {
    let is_join = |state: &&StateDescriptor| state.fan_in.is_some_and(|fan_in| fan_in.closing == Closing::Alone);
    let after = |name: &str| machine.state(name).map(|state| after(machine, state)).unwrap_or_default();
    let is_before = |state: &&StateDescriptor| after(state.name).contains(name) && !after(name).contains(state.name);
    machine.states.iter().filter(is_join).filter(is_before).count()
}

/// The names of all states that a branch may come to from that one. What fails in a fan-in stays there.
fn after(machine: &MachineDescriptor, state: &StateDescriptor) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    let mut open = vec![state];
    while let Some(state) = open.pop() {
        let on_failure = state.on_failure.filter(|_| state.fan_in.is_none());
        let next = state.transitions.iter().map(|transition| transition.to).chain(on_failure);
        open.extend(next.map(|next| &machine.states[next]).filter(|next| names.insert(next.name)));
    }
    names
}

/// A task that is due at once.
pub(super) fn item(at: usize, hop: Hop, context: String, queue: &str, now: Timestamp) -> Item {
    Item {
        instance: at,
        hop,
        token: None,
        body: Body::Context(context),
        queue: queue.to_owned(),
        queue_override: None,
        target: None,
        has_cause: false,
        due: Due::At(now),
        spread: Duration::ZERO,
        held: None,
        between: [now; 2],
        is_failed: false,
        is_advanced: false,
        attempt: 0,
        n_crashes: 0,
        fence: 0,
        created_at: now,
    }
}

pub(super) fn due(now: Timestamp, delay: Duration) -> Due {
    Due::At(now.saturating_add(delay).unwrap_or(Timestamp::MAX))
}
