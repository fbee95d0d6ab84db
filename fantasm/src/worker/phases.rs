//! The phases of one task, in their order: exit, transition, entry, continuation, action.

use std::time::Duration;

use super::{Shared, panic};
use crate::{
    Error,
    action::Env,
    answer::Answer,
    context::{Facts, Scratch},
    engine::{self, Effects, Ending, Hop, Path, Start, Task},
    erased::{AnyAction, AnyContext, AnyInput},
    log::Log,
    machine::MachineDescriptor,
    patience::patiently,
    registry::{Registration, StateActions},
    renamed::earlier_name,
    store::{Lease, StoreError, StoreFuture},
    transaction::Transaction,
};

/// One task with all that is needed to run its user code.
#[derive(Debug)]
pub(super) struct Phases<'t> {
    shared: &'t Shared,
    lease: Lease,
    task: &'t Task,
    registration: &'static Registration,
    path: Path<'static>,
}

/// Why the phases did not come to an answer.
#[derive(Debug)]
pub(super) enum Interrupt {
    /// User code failed or asked to halt, or a context could not be read or stored.
    Error(Error),
    /// The store did not do what the phases need.
    Store(StoreError),
}

/// Why a task cannot be run by this program.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unknown {
    #[error("this program has no machine `{0}`")]
    Machine(String),
    #[error(transparent)]
    Name(#[from] engine::UnknownName),
}

/// What the phases of one task share and nobody else sees.
#[derive(Debug, Default)]
struct Shelf {
    scratch: Scratch,
    transaction: Transaction,
}

/// A state's `timeout_seconds` are over.
#[derive(Debug, thiserror::Error)]
#[error("the attempt took longer than {} seconds and was given up", .0.as_secs())]
struct TimedOut(Duration);

/// A page would follow itself, for ever.
#[derive(Debug, thiserror::Error)]
#[error(
    "the page of token {0} names itself as the next one, so the pages would never end: answer the token of the page after it, \
     or `None` when it is the last"
)]
struct SameToken(String);

impl<'t> Phases<'t> {
    /// Finds the actions of a task's hop.
    pub(super) fn resolve(shared: &'t Shared, lease: Lease, task: &'t Task) -> Result<Self, Unknown> {
        let machine = || Unknown::Machine(task.machine.clone());
        let registration = shared.registry.get(&task.machine).ok_or_else(machine)?;
        let path = Path::resolve(registration.descriptor, &task.hop)?;
        Ok(Self { shared, lease, task, registration, path })
    }

    pub(super) fn machine(&self) -> &'static MachineDescriptor {
        self.registration.descriptor
    }

    /// Runs all phases within the time that the state gives them, and outlives their panics.
    pub(super) async fn run_in_time(&self, log: &Log) -> Result<Ending, Interrupt> {
        let run = self.run(log);
        let Some(timeout) = self.path.to.and_then(|(_, state)| state.timeout) else {
            return panic::caught(run).await;
        };
        // What is dropped when the time is over may panic too.
        panic::caught(async {
            let in_time = tokio::time::timeout(timeout, run).await;
            in_time.unwrap_or_else(|_| Err(Error::retryable(TimedOut(timeout)).into()))
        })
        .await
    }

    /// Runs all phases, and answers what they left behind.
    async fn run(&self, log: &Log) -> Result<Ending, Interrupt> {
        let mut shelf = Shelf::default();
        let contexts = self.seal().await?;
        let mut cx = self.context(contexts.as_deref(), log)?;
        if let Some(from) = self.left() {
            self.hook(from.exit, &mut cx, None, &mut shelf).await?;
            self.hook(self.transition_action(from), &mut cx, None, &mut shelf).await?;
        }
        let mut answer = Some(Answer::Nothing);
        if let Some(to) = self.to() {
            self.hook(to.entry, &mut cx, contexts.as_deref(), &mut shelf).await?;
            let input = match contexts {
                Some(contexts) => Some(AnyInput::Contexts(contexts)),
                None => self.page(to, &cx).await?,
            };
            answer = match (to.action, input) {
                (Some(action), Some(input)) => Some(self.call(action, &mut cx, input, &mut shelf).await?),
                (None, Some(_)) => Some(Answer::Nothing),
                (_, None) => None,
            };
        }
        let statements = shelf.transaction.into_statements(self.shared.store.schema())?;
        let mut effects = Effects { statements, ..self.registration.codec.encode(cx)? };
        for spawn in &mut effects.spawns {
            self.under_its_name(spawn).await?;
        }
        Ok(match answer {
            Some(answer) => Ending::Answered { answer, effects },
            // There was nothing to do on the page, and so no action.
            None => Ending::Skipped { effects },
        })
    }

    /// The contexts of a fan-in, which nobody joins any more.
    async fn seal(&self) -> Result<Option<Vec<String>>, Interrupt> {
        if self.task.window.is_none() {
            return Ok(None);
        }
        let contexts =
            patiently(self.shared.patience, || self.shared.store.seal(self.lease)).await.map_err(Interrupt::Store)?;
        Ok(Some(contexts))
    }

    /// The context that goes on: the task's own, or that of the first package of a fan-in.
    fn context(&self, contexts: Option<&[String]>, log: &Log) -> Result<AnyContext, Interrupt> {
        let json = match contexts {
            Some(contexts) => {
                contexts.first().ok_or_else(|| Error::permanent("the fan-in's window has no packages"))?
            }
            None => &self.task.context,
        };
        let facts = Facts {
            instance: self.task.instance,
            key: self.task.key,
            attempt: self.task.attempt,
            cause: self.task.cause.clone(),
            headers: self.task.headers.clone(),
            log: log.clone(),
        };
        Ok(self.registration.codec.decode(json, facts)?)
    }

    /// Fetches the task's page, if there is anything to do on it, and has the next page's task made before anybody works on
    /// this one.
    async fn page(&self, to: &StateActions, cx: &AnyContext) -> Result<Option<AnyInput>, Interrupt> {
        let Some(continuation) = to.continuation else { return Ok(Some(AnyInput::Nothing)) };
        let page = continuation.page(cx, self.task.token.as_deref(), &self.shared.services);
        let page = panic::caught(async { Ok(page.await?) }).await?;
        if page.next.is_some() && page.next == self.task.token {
            return Err(Error::permanent(SameToken(page.next.unwrap_or_default())).into());
        }
        if let (Some(token), Some((_, state))) = (page.next, self.path.to) {
            let next = engine::next_page(state, self.task, token);
            let advance = || self.shared.store.advance(self.lease, next.clone());
            patiently(self.shared.patience, advance).await.map_err(Interrupt::Store)?;
        }
        Ok(page.page.map(AnyInput::Page))
    }

    /// Goes by the earlier name of a renamed machine where an instance has the key under that one, as every start does.
    async fn under_its_name(&self, spawn: &mut Start) -> Result<(), Interrupt> {
        let (Some(key), false) = (&spawn.key, spawn.machine.renamed_from.is_empty()) else { return Ok(()) };
        let (store, machine) = (&*self.shared.store, spawn.machine);
        let find = || -> StoreFuture<'_, _> { Box::pin(earlier_name(store, machine, key)) };
        if let Some((name, _)) = patiently(self.shared.patience, find).await.map_err(Interrupt::Store)? {
            spawn.name = name;
        }
        Ok(())
    }

    async fn hook(
        &self,
        hook: Option<&'static dyn AnyAction>,
        cx: &mut AnyContext,
        contexts: Option<&[String]>,
        shelf: &mut Shelf,
    ) -> Result<(), Interrupt> {
        let Some(hook) = hook else { return Ok(()) };
        let input = contexts.map_or(AnyInput::Nothing, |contexts| AnyInput::Contexts(contexts.to_vec()));
        self.call(hook, cx, input, shelf).await?;
        Ok(())
    }

    /// Outlives its panic by itself: a context that panics too when it is dropped is not dropped by that one, which would end
    /// the process.
    async fn call(
        &self,
        action: &dyn AnyAction,
        cx: &mut AnyContext,
        input: AnyInput,
        shelf: &mut Shelf,
    ) -> Result<Answer, Interrupt> {
        panic::caught(async { Ok(action.run(cx, input, self.env(shelf)).await?) }).await
    }

    fn transition_action(&self, from: &StateActions) -> Option<&'static dyn AnyAction> {
        let event = self.path.transition?.event;
        from.transitions.iter().find(|(name, _)| *name == event).map(|(_, action)| *action)
    }

    fn env<'a>(&'a self, shelf: &'a mut Shelf) -> Env<'a> {
        let Shelf { scratch, transaction } = shelf;
        Env { scratch, transaction, services: &self.shared.services }
    }

    /// The state that is left in order. One that failed is not: its exit would undo what has not been done, and if that failed
    /// too nobody would take over.
    fn left(&self) -> Option<&'static StateActions> {
        if matches!(self.task.hop, Hop::Jump { .. }) {
            return None;
        }
        self.path.from.map(|(state, _)| &self.registration.states[state])
    }

    fn to(&self) -> Option<&'static StateActions> {
        self.path.to.map(|(state, _)| &self.registration.states[state])
    }
}

impl From<Error> for Interrupt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}
