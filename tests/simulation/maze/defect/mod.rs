//! Defects, made in a layer between the workers and a sound store, so that the product needs no switches for them. Below the
//! books it stands for an engine or a store that is wrong, above them for a worker that is.

mod follow;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fantasm::{
    InstanceId, TaskId, WorkerId,
    store::{Claim, Claiming, Commit, Hop, Lease, NewInstance, NewTask, Next, Started, Store, StoreFuture, Verdict},
};
use fantasm_tests::{Layer, Layered};

macro_rules! defects {
    ($($(#[doc = $doc:literal])+ $defect:ident,)+) => {
        /// What is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Defect { $($(#[doc = $doc])+ $defect,)+ }

        impl Defect {
            pub(crate) const ALL: &[Self] = &[$(Self::$defect),+];
        }
    };
}

defects! {
    /// A worker that lost its lease may commit all the same.
    NoFence,
    /// A worker that lost its lease may hand out the next page all the same.
    NoFenceOnPages,
    /// The next page's task is made with the page's own commit.
    TokenLate,
    /// A page that is retried hands out the next page again.
    PageAdvancesTwice,
    /// Of several branches the last is made in a transaction of its own, before which the process dies.
    TornCommit,
    /// The second attempt at a fan-in is handed one package less.
    SealsDiffer,
    /// A package is lost when a window is sealed.
    PackageLost,
    /// Packages of one window come twice.
    PackageTwice,
    /// A task is given to a second worker while the first works on it.
    DeliveredTwice,
    /// Every fork is made twice.
    ForksTwice,
    /// Forks share the key of their branch, and one is lost.
    ForkLost,
    /// A retried step forgets what it spawned.
    SpawnForgotten,
    /// A retried step spawns once more.
    SpawnedTwice,
    /// What a failed attempt did to the context is kept.
    FailedContextKept,
    /// An instance ends with the first of its branches.
    EndsEarly,
    /// The tasks of a worker that lives are given to others.
    LiveWorkerRescued,
    /// The tasks of a worker that is dead are never given to others.
    DeadWorkerNotRescued,
    /// A join fires before all others have ended.
    JoinFiresEarly,
    /// A join does not wait for those that lead to it.
    RanksIgnored,
    /// Groups are gathered in one window.
    GroupsMixed,
    /// Windows are not closed when they are full.
    FullWindowOpen,
    /// Nobody waits before a retry or a countdown.
    DelaysDropped,
    /// Attempts are not counted.
    AttemptsUncounted,
    /// Keys of instances are not looked up.
    KeysIgnored,
    /// A retried step is not kept in the history.
    HistoryWithHoles,
    /// What a step logged is lost.
    LogLost,
    /// Pausing a queue is without effect.
    PauseIgnored,
    /// A cancelled instance goes on.
    CancelIgnored,
    /// A chosen queue holds for one task only.
    QueueForgotten,
    /// A failure ends its task, though a state is named that takes over.
    FailureStateIgnored,
    /// A fork is counted twice, so that its instance waits for a branch that is not there.
    ForkCountedTwice,
    /// An instance that was spawned lacks the headers of the one that spawned it.
    HeadersForgotten,
    /// Nothing starts when an instance ends.
    SuccessorForgotten,
    /// What starts when an instance ends starts twice.
    SuccessorTwice,
    /// Tasks are given to workers that lack the label.
    LabelsIgnored,
    /// The SQL of a step that is retried is lost.
    SqlForgotten,
    /// The SQL of a step is run twice.
    SqlTwice,
    /// Nobody counts the workers that die with a task.
    CrashesUncounted,
    /// Pausing an instance is without effect.
    InstancePauseIgnored,
    /// What is due is not given to whoever asks first.
    DuePassedOver,
    /// A task that is retried is due too late.
    RetryLate,
    /// The worker never has the next page's task made.
    NextPageNeverMade,
    /// The worker has the next page's task made when the action has run.
    NextPageAfterAction,
    /// The worker runs no action.
    ActionNotRun,
}

impl Defect {
    /// Whether it is one of a worker, which calls the store otherwise than it must; all others are of the engine or the store.
    pub(crate) fn is_of_worker(self) -> bool {
        matches!(self, Self::NextPageNeverMade | Self::NextPageAfterAction | Self::ActionNotRun)
    }

    /// The only ways that lead to it, where it is rare: with them a dozen worlds in a thousand find it, or more.
    pub(crate) fn rooms(self) -> &'static [&'static str] {
        match self {
            Self::NoFenceOnPages => &["pages", "leaves"],
            Self::FullWindowOpen => &["pool"],
            _ => &[],
        }
    }
}

/// A queue from which nobody takes anything.
const NOWHERE: &str = "nowhere";

/// A store with a defect.
#[derive(Debug)]
pub(crate) struct Broken {
    sound: Arc<dyn Store>,
    defect: Defect,
    memory: Mutex<Memory>,
}

/// What a defect needs to know of the past.
#[derive(Debug, Default)]
struct Memory {
    /// The latest claim of each task.
    claims: BTreeMap<TaskId, Claim>,
    workers: Vec<WorkerId>,
    /// Pages that are to be handed out late or once too often.
    pages: BTreeMap<TaskId, NewTask>,
    /// How often each task was sealed.
    n_seals: BTreeMap<TaskId, u32>,
    n_claims: u32,
}

impl Broken {
    /// What everybody's calls come to, if the defect is one of the engine or the store.
    pub(crate) fn store(sound: Arc<dyn Store>, defect: Option<Defect>) -> Arc<dyn Store> {
        Self::with(sound, defect.filter(|defect| !defect.is_of_worker()))
    }

    /// What one worker calls, if the defect is the worker's.
    pub(crate) fn worker(sound: Arc<dyn Store>, defect: Option<Defect>) -> Arc<dyn Store> {
        Self::with(sound, defect.filter(|defect| defect.is_of_worker()))
    }

    fn with(sound: Arc<dyn Store>, defect: Option<Defect>) -> Arc<dyn Store> {
        match defect {
            Some(defect) => Arc::new(Layered(Self { sound, defect, memory: Mutex::default() })),
            None => sound,
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim_of(&self, task: TaskId) -> Option<Claim> {
        self.memory().claims.get(&task).cloned()
    }
}

impl Layer for Broken {
    fn below(&self) -> &dyn Store {
        &*self.sound
    }

    fn start(&self, mut instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        for NewInstance { key, on_end, .. } in &mut instances {
            match self.defect {
                Defect::KeysIgnored => *key = None,
                Defect::SuccessorForgotten => on_end.clear(),
                Defect::SuccessorTwice => on_end.extend(on_end.last().cloned()),
                _ => {}
            }
        }
        self.sound.start(instances)
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.memory().workers.push(worker);
            if self.defect == Defect::ForkCountedTwice {
                self.sound.set_paused(NOWHERE.to_owned(), true).await?;
            }
            self.sound.register(worker, lease).await
        })
    }

    fn claim(&self, mut claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        Box::pin(async move {
            let workers = self.memory().workers.clone();
            for other in workers.into_iter().filter(|other| *other != claiming.worker) {
                match self.defect {
                    Defect::LiveWorkerRescued => self.sound.retire(other).await?,
                    Defect::DeadWorkerNotRescued => self.sound.register(other, Duration::from_secs(1 << 30)).await?,
                    _ => {}
                }
            }
            let worker = claiming.worker;
            if self.defect == Defect::DuePassedOver {
                let mut memory = self.memory();
                memory.n_claims += 1;
                if memory.n_claims % 2 == 1 {
                    claiming.machines.clear();
                }
            }
            claiming.labels = claiming.labels.filter(|_| self.defect != Defect::LabelsIgnored);
            let mut claims = self.sound.claim(claiming).await?;
            let mut memory = self.memory();
            if self.defect == Defect::DeliveredTwice && claims.is_empty() {
                claims.extend(memory.claims.values().find(|claim| claim.lease.worker != worker).cloned());
            }
            for claim in &mut claims {
                memory.claims.insert(claim.task.id, claim.clone());
                match self.defect {
                    Defect::FailedContextKept if claim.task.attempt > 1 && !claim.task.context.is_empty() => {
                        claim.task.context = claim.task.context.replace("\"colour\":0", "\"colour\":1");
                    }
                    Defect::AttemptsUncounted => claim.task.attempt = 1,
                    Defect::CrashesUncounted => claim.task.n_crashes = 0,
                    Defect::ActionNotRun => {
                        if let Some(to) = claim.task.hop.to() {
                            claim.task.hop = Hop::Exit { from: to.to_owned() };
                        }
                    }
                    _ => {}
                }
            }
            Ok(claims)
        })
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            match self.defect {
                Defect::NextPageNeverMade => Ok(true),
                Defect::TokenLate | Defect::NextPageAfterAction => {
                    self.memory().pages.insert(lease.task, next);
                    Ok(true)
                }
                Defect::NoFenceOnPages => {
                    let page = Some(lease.task).filter(|_| self.defect == Defect::NextPageAfterAction);
                    let page = page.and_then(|task| self.memory().pages.remove(&task));
                    if let Some(page) = page {
                        self.sound.advance(lease, page).await?;
                    }
                    let latest = self.claim_of(lease.task).map_or(lease, |claim| claim.lease);
                    self.sound.advance(latest, next).await
                }
                Defect::PageAdvancesTwice => {
                    let is_new = self.sound.advance(lease, next.clone()).await?;
                    if !is_new {
                        self.memory().pages.insert(lease.task, next);
                    }
                    Ok(is_new)
                }
                _ => self.sound.advance(lease, next).await,
            }
        })
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        Box::pin(async move {
            let mut contexts = self.sound.seal(lease).await?;
            let n_seals = self.memory().n_seals.get(&lease.task).copied().unwrap_or(0);
            self.memory().n_seals.insert(lease.task, n_seals + 1);
            match self.defect {
                Defect::SealsDiffer if n_seals > 0 && contexts.len() > 1 => {
                    contexts.pop();
                }
                Defect::PackageLost if contexts.len() > 1 => {
                    contexts.remove(0);
                }
                Defect::PackageTwice => contexts.extend(contexts.last().cloned()),
                _ => {}
            }
            Ok(contexts)
        })
    }

    fn commit(&self, lease: Lease, mut commit: Commit) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            if let Verdict::Done { next, .. } = &mut commit.verdict {
                self.follow(lease.task, next);
            }
            match (self.defect, &mut commit.verdict) {
                (Defect::EndsEarly, Verdict::Done { next, .. }) if next.is_empty() => {
                    commit.verdict = Verdict::Halt { reason: String::new() };
                }
                (Defect::DelaysDropped, Verdict::Retry { delay, .. }) => *delay = Duration::ZERO,
                (Defect::RetryLate, Verdict::Retry { delay, .. }) => *delay *= 2,
                (Defect::HistoryWithHoles, Verdict::Retry { .. }) => commit.is_recorded = false,
                (Defect::LogLost, Verdict::Retry { .. }) => commit.log.clear(),
                (Defect::SqlForgotten, _) if self.is_retried(lease.task) => commit.statements.clear(),
                (Defect::SqlTwice, _) => commit.statements.extend(commit.statements.clone()),
                (Defect::FailureStateIgnored, Verdict::Done { next, .. }) => {
                    let is_jump = |next: &Next| matches!(next, Next::Task(task) if task.cause.is_some());
                    if next.iter().any(is_jump) {
                        commit.verdict = Verdict::Fail { error: String::new() };
                    }
                }
                _ => {}
            }
            let page = Some(lease.task).filter(|_| self.defect == Defect::NextPageAfterAction);
            let page = page.and_then(|task| self.memory().pages.remove(&task));
            if let Some(page) = page {
                self.sound.advance(lease, page).await?;
            }
            let latest = self.claim_of(lease.task).map(|claim| claim.lease);
            let lease = latest.filter(|_| self.defect == Defect::NoFence).unwrap_or(lease);
            self.sound.commit(lease, commit).await
        })
    }

    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()> {
        self.sound.set_paused(queue, is_paused && self.defect != Defect::PauseIgnored)
    }

    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool> {
        if self.defect == Defect::CancelIgnored {
            return Box::pin(std::future::ready(Ok(true)));
        }
        self.sound.cancel(id)
    }

    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool> {
        self.sound.set_instance_paused(id, is_paused && self.defect != Defect::InstancePauseIgnored)
    }
}
