//! What an action sees: the durable context, the contexts of a fan-in, and the scratch of one task.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    ops::{Deref, DerefMut},
    time::Duration,
};

use crate::{
    codec::{self, ContextError},
    engine::Start,
    headers::Headers,
    id::{InstanceId, TaskKey},
    log::Log,
    machine::Machine,
};

/// The durable context of a machine, as its actions see it.
///
/// It dereferences to the machine's typed data: `cx.campaign` reads a field, `cx.sent += 1` changes it. Changes are
/// kept exactly when the step commits; a step that fails leaves the context as it was.
///
/// A test makes one with [`Context::new`] and calls the action as the plain function it is.
pub struct Context<M> {
    data: M,
    facts: Facts,
    forks: Vec<M>,
    spawns: Vec<Result<Start, ContextError>>,
    queue: Option<String>,
}

/// What a context knows of the task it travels with.
#[derive(Debug, Clone)]
pub struct Facts {
    pub(crate) instance: InstanceId,
    pub(crate) key: TaskKey,
    pub(crate) attempt: u32,
    pub(crate) cause: Option<String>,
    pub(crate) headers: Headers,
    pub(crate) log: Log,
}

impl<M: Machine> Context<M> {
    /// A context outside any engine, for tests that call an action directly: instance 0, first attempt.
    pub fn new(data: M) -> Self {
        let key = TaskKey(uuid::Uuid::nil());
        let headers = Headers::default();
        let facts = Facts { instance: InstanceId(0), key, attempt: 1, cause: None, headers, log: Log::default() };
        Self::with_facts(data, facts)
    }

    pub(crate) fn with_facts(data: M, facts: Facts) -> Self {
        Self { data, facts, forks: Vec::new(), spawns: Vec::new(), queue: None }
    }

    /// Makes a further branch of this instance: a task of its own, with `data` as its context, that follows the same
    /// event that this action goes on to emit.
    ///
    /// Start from the present data with struct update syntax: `cx.fork(Badges { badge, ..cx.data().clone() })`.
    /// Forks are made when the step commits; an action that then emits no event fails with an error that says so.
    pub fn fork(&mut self, data: M) {
        self.forks.push(data);
    }

    /// The forks asked for so far, in order.
    #[must_use]
    pub fn forks(&self) -> &[M] {
        &self.forks
    }

    /// Starts an instance of another machine (or of this one) when the step commits, and then once: together with the
    /// step or not at all.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # fn example<M: fantasm::Machine, Report: fantasm::Machine>(cx: &mut fantasm::Context<M>, report: Report) {
    /// cx.spawn(&report).key("report of May").delay(Duration::from_secs(60));
    /// # }
    /// ```
    pub fn spawn<N: Machine>(&mut self, context: &N) -> Spawning<'_> {
        let spawn = codec::encode_start("spawned context", context).map(|context| Start::new(N::DESCRIPTOR, context));
        self.spawns.push(spawn);
        Spawning(self.spawns.last_mut().and_then(|spawn| spawn.as_mut().ok()))
    }

    /// Puts what follows on this queue instead of the transitions' own: the next task of this branch and all after it,
    /// its forks and pages, until another queue is set.
    pub fn set_queue(&mut self, queue: impl Into<String>) {
        self.queue = Some(queue.into());
    }

    /// The log of this attempt.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.facts.log
    }

    /// The error that led to this state, where a state names this one for its failures; none in a fan-in, to which many
    /// errors may have led.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.facts.cause.as_deref()
    }

    /// A text that travels with the instance, by its name ([`Headers`]).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.facts.headers.get(name)
    }

    /// The machine's data as a value.
    #[must_use]
    pub fn data(&self) -> &M {
        &self.data
    }

    /// The instance that this context belongs to.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.facts.instance
    }

    /// Which attempt at this task this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.facts.attempt
    }

    /// A key to pass on with side effects: the same on every attempt of this step, different for every other step.
    ///
    /// An action runs again after a crash or an error; whoever receives the same key twice is to do the work once.
    #[must_use]
    pub fn idempotency_key(&self) -> TaskKey {
        self.facts.key
    }

    pub(crate) fn into_parts(self) -> Parts<M> {
        let Self { data, facts: _, forks, spawns, queue } = self;
        Parts { data, forks, spawns, queue }
    }
}

/// What an action leaves behind.
pub(crate) struct Parts<M> {
    pub(crate) data: M,
    pub(crate) forks: Vec<M>,
    pub(crate) spawns: Vec<Result<Start, ContextError>>,
    pub(crate) queue: Option<String>,
}

/// An instance that will be started with the step; says more about it.
#[derive(Debug)]
pub struct Spawning<'c>(Option<&'c mut Start>);

impl Spawning<'_> {
    /// Starts at most one instance of the machine with this key.
    pub fn key(&mut self, key: impl Into<String>) -> &mut Self {
        if let Some(spawn) = &mut self.0 {
            spawn.key = Some(key.into());
        }
        self
    }

    /// Lets the instance wait before its first task.
    pub fn delay(&mut self, delay: Duration) -> &mut Self {
        if let Some(spawn) = &mut self.0 {
            spawn.delay = delay;
        }
        self
    }
}

impl<M> Deref for Context<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.data
    }
}

impl<M> DerefMut for Context<M> {
    fn deref_mut(&mut self) -> &mut M {
        &mut self.data
    }
}

impl<M: fmt::Debug> fmt::Debug for Context<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("data", &self.data).field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// The contexts that a fan-in gathered, in the order in which they joined. Read-only: what goes on is the action's
/// own context, which starts as a copy of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contexts<M>(Vec<M>);

impl<M> Contexts<M> {
    /// Gathers contexts, for tests that call a fan-in action directly.
    #[must_use]
    pub fn new(contexts: Vec<M>) -> Self {
        Self(contexts)
    }
}

impl<M> Deref for Contexts<M> {
    type Target = [M];

    fn deref(&self) -> &[M] {
        &self.0
    }
}

impl<'a, M> IntoIterator for &'a Contexts<M> {
    type Item = &'a M;
    type IntoIter = std::slice::Iter<'a, M>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What the phases of one task (exit, transition action, entry, action) hand to each other: one value of each type,
/// never stored.
///
/// ```
/// # use fantasm::Scratch;
/// struct Template(String);
///
/// let mut scratch = Scratch::default();
/// scratch.insert(Template("Dear {name}".into()));        // in the entry
/// let Template(text) = scratch.take().unwrap();           // in the action
/// assert_eq!(text, "Dear {name}");
/// assert!(scratch.get::<Template>().is_none());
/// ```
#[derive(Debug, Default)]
pub struct Scratch(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Scratch {
    /// Puts a value in, in the place of an earlier one of its type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(value));
    }

    /// Looks at the value of a type.
    #[must_use]
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// Takes the value of a type out.
    pub fn take<T: 'static>(&mut self) -> Option<T> {
        let value = self.0.remove(&TypeId::of::<T>())?;
        value.downcast().ok().map(|value| *value)
    }
}
