//! A start: what it says beside the context.

use std::{
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    time::Duration,
};

use serde_json::Map;

use super::{Client, Run, StartError};
use crate::{
    builtin,
    codec::{self, ContextError},
    engine::{self, OnEnd},
    id::TaskKey,
    machine::{Machine, MachineDescriptor},
    renamed::earlier_name,
    store::{NewInstance, Started, StoreError},
};

/// A start that happens when it is awaited.
#[derive(Debug)]
#[must_use = "nothing is started before this is awaited"]
pub struct Start<'c, M> {
    pub(super) client: &'c Client,
    pub(super) start: Result<engine::Start, ContextError>,
    pub(super) is_new_only: bool,
    pub(super) machine: PhantomData<fn() -> M>,
}

impl<M> Start<'_, M> {
    /// Starts at most one instance of the machine with this key: a second start answers the first one's run.
    pub fn key(self, key: impl Into<String>) -> Self {
        self.with(|start| start.key = Some(key.into()))
    }

    /// Makes it an error that an instance with this key has been started before: [`StartError::Exists`].
    pub fn new_only(self) -> Self {
        Self { is_new_only: true, ..self }
    }

    /// Lets the instance wait before its first task.
    pub fn delay(self, delay: Duration) -> Self {
        self.with(|start| start.delay = delay)
    }

    /// Puts the instance's first task and all that follows on this queue, until an action sets another.
    pub fn queue(self, queue: impl Into<String>) -> Self {
        self.with(|start| start.queue = Some(queue.into()))
    }

    /// Lets a text travel with the instance, and with those that it spawns; actions read it with
    /// [`Context::header`](crate::Context::header).
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|start| start.headers.insert(name, value))
    }

    /// Starts an instance of `N` when this one has ended, in the same transaction, whatever its end.
    ///
    /// Its context is filled by name from what there is to tell: `instance`, `machine`, `key`, `status`, `reason` and `context`.
    pub fn then<N: Machine>(mut self) -> Self {
        let next = N::DESCRIPTOR;
        match next.states.get(next.initial) {
            Some(initial) if initial.fan_in.is_none() => {
                let (queue, target) = (next.queue.to_owned(), next.target.map(str::to_owned));
                let (machine, initial) = (next.name.to_owned(), initial.name.to_owned());
                self.with(|start| start.on_end.push(OnEnd { machine, initial, queue, target, context: Map::new() }))
            }
            _ => {
                self.start = Err(ContextError::Successor(next.name));
                self
            }
        }
    }

    /// Posts how the instance has ended to this address, signed, until it is taken or three days have passed: see
    /// [the guide](crate::guide::completion).
    ///
    /// Workers with the feature `webhook` and a secret send it; this program needs neither.
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        let url = url.into();
        if url.starts_with("https://") || url.starts_with("http://") {
            return self.with(|start| start.on_end.push(builtin::webhook(url)));
        }
        self.start = Err(ContextError::Address(url));
        self
    }

    fn with(mut self, say: impl FnOnce(&mut engine::Start)) -> Self {
        // A context that cannot be stored is told when the start is awaited.
        if let Ok(start) = &mut self.start {
            say(start);
        }
        self
    }
}

impl<'c, M: Machine> Start<'c, M> {
    /// Makes what is to be stored, or says why that cannot be.
    pub(crate) fn prepare(self) -> Result<Prepared<'c>, StartError> {
        let Self { client, start, is_new_only, machine: PhantomData } = self;
        let new = engine::start(TaskKey::random(), codec::check_start(start?)?, None);
        Ok(Prepared { client, new, is_new_only, machine: M::DESCRIPTOR })
    }
}

/// A start that only has to be stored.
#[derive(Debug)]
pub(crate) struct Prepared<'c> {
    client: &'c Client,
    pub(crate) new: NewInstance,
    is_new_only: bool,
    machine: &'static MachineDescriptor,
}

impl Prepared<'_> {
    /// Goes by the earlier name of a renamed machine where an instance has the key under that one: it is the one that is meant.
    pub(crate) async fn under_its_name(mut self) -> Result<Self, StoreError> {
        if let Some(key) = &self.new.key
            && let Some((name, _)) = earlier_name(&*self.client.store, self.machine, key).await?
        {
            name.clone_into(&mut self.new.machine);
        }
        Ok(self)
    }

    /// What the caller is told.
    pub(crate) fn answer(self, started: Started) -> Result<Run, StartError> {
        let Self { client, new, is_new_only, machine } = self;
        match new.key {
            Some(key) if is_new_only && !started.is_new => {
                Err(StartError::Exists { machine: machine.name, key, id: started.id })
            }
            _ => Ok(client.run(started.id)),
        }
    }
}

impl<'c, M: Machine> IntoFuture for Start<'c, M> {
    type Output = Result<Run, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        let client = self.client;
        Box::pin(async move { client.start_all([self]).await?.pop().ok_or_else(|| StoreError::no_answer().into()) })
    }
}

/// What [`Client::start_all`] takes: contexts, and starts that say more.
pub trait IntoStart {
    /// The machine that is started.
    type Machine: Machine;

    /// The start, by this client.
    fn into_start(self, client: &Client) -> Start<'_, Self::Machine>;
}

impl<M: Machine> IntoStart for M {
    type Machine = M;

    fn into_start(self, client: &Client) -> Start<'_, M> {
        client.start(self)
    }
}

impl<M: Machine> IntoStart for Start<'_, M> {
    type Machine = M;

    fn into_start(self, client: &Client) -> Start<'_, M> {
        let Self { start, is_new_only, machine, client: _ } = self;
        Start { client, start, is_new_only, machine }
    }
}
