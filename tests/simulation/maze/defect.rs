//! Defects, made in a layer between the workers and a sound store, so that the product needs no switches for them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fantasm::{
    InstanceId, TaskId, TaskKey, WorkerId,
    store::{
        Claim, Claiming, Closing, Commit, Instance, Lease, NewInstance, NewTask, Next, Started, Store, StoreFuture,
        Verdict,
    },
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
    /// An instance counts one branch less than it has.
    CountWrong,
}

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
    /// Pages that were handed out late or once too often.
    pages: BTreeMap<TaskId, NewTask>,
    /// How often each task was sealed.
    n_seals: BTreeMap<TaskId, u32>,
}

impl Broken {
    pub(crate) fn store(sound: Arc<dyn Store>, defect: Defect) -> Arc<dyn Store> {
        Arc::new(Layered(Self { sound, defect, memory: Mutex::default() }))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim_of(&self, task: TaskId) -> Option<Claim> {
        self.memory().claims.get(&task).cloned()
    }

    /// Whether somebody has tried before.
    fn is_retried(&self, task: TaskId) -> bool {
        self.claim_of(task).is_some_and(|claim| claim.task.attempt > 1)
    }

    /// What the defect makes of the ways on.
    fn follow(&self, task: TaskId, next: &mut Vec<Next>) {
        let is_retried = self.is_retried(task);
        let again = |key: TaskKey| key.child("again", 0);
        match self.defect {
            Defect::TokenLate | Defect::PageAdvancesTwice => {
                let page = self.memory().pages.remove(&task);
                next.extend(page.map(|page| Next::Task(NewTask { key: again(page.key), ..page })));
            }
            Defect::TornCommit if next.len() > 1 => {
                next.pop();
            }
            Defect::ForkLost if next.len() > 1 => {
                next.remove(1);
            }
            Defect::ForksTwice => {
                let fork = next.iter().skip(1).find_map(|next| match next {
                    Next::Task(task) => Some(Next::Task(NewTask { key: again(task.key), ..task.clone() })),
                    Next::Package(package) => Some(Next::Package(package.clone())),
                    Next::Spawn(_) => None,
                });
                next.extend(fork);
            }
            Defect::SpawnForgotten if is_retried => next.retain(|next| !matches!(next, Next::Spawn(_))),
            Defect::SpawnedTwice if is_retried => {
                let spawn = next.iter().find_map(|next| match next {
                    Next::Spawn(spawn) => Some(again_unnamed(spawn)),
                    Next::Task(_) | Next::Package(_) => None,
                });
                next.extend(spawn);
            }
            _ => next.iter_mut().for_each(|next| self.alter(next)),
        }
    }

    fn alter(&self, next: &mut Next) {
        match (self.defect, next) {
            (Defect::JoinFiresEarly, Next::Package(package)) if package.closing == Closing::Alone => {
                package.closing = Closing::After { period: Duration::ZERO, max: None };
            }
            (Defect::GroupsMixed, Next::Package(package)) => package.group = None,
            (Defect::FullWindowOpen, Next::Package(package)) => {
                if let Closing::After { max, .. } = &mut package.closing {
                    *max = None;
                }
            }
            (Defect::DelaysDropped, Next::Task(task)) => task.delay = Duration::ZERO,
            (Defect::QueueForgotten, Next::Task(task)) => task.queue_override = None,
            _ => {}
        }
    }
}

/// The same instance again, under other keys.
fn again_unnamed(spawn: &NewInstance) -> Next {
    let mut spawn = spawn.clone();
    spawn.key = None;
    match &mut spawn.first {
        Next::Task(task) => task.key = task.key.child("again", 0),
        Next::Package(package) => package.window_key = package.window_key.child("again", 0),
        Next::Spawn(_) => {}
    }
    Next::Spawn(Box::new(spawn))
}

impl Layer for Broken {
    fn below(&self) -> &dyn Store {
        &*self.sound
    }

    fn start(&self, mut instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        if self.defect == Defect::KeysIgnored {
            instances.iter_mut().for_each(|instance| instance.key = None);
        }
        self.sound.start(instances)
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        self.memory().workers.push(worker);
        self.sound.register(worker, lease)
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
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
                    _ => {}
                }
            }
            Ok(claims)
        })
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            match self.defect {
                Defect::TokenLate => {
                    self.memory().pages.insert(lease.task, next);
                    Ok(true)
                }
                Defect::NoFenceOnPages => {
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
                (Defect::HistoryWithHoles, Verdict::Retry { .. }) => commit.is_recorded = false,
                (Defect::LogLost, Verdict::Retry { .. }) => commit.log.clear(),
                (Defect::FailureStateIgnored, Verdict::Done { next, .. }) => {
                    let is_jump = |next: &Next| matches!(next, Next::Task(task) if task.cause.is_some());
                    if next.iter().any(is_jump) {
                        commit.verdict = Verdict::Fail { error: String::new() };
                    }
                }
                _ => {}
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

    fn instance(&self, id: InstanceId) -> StoreFuture<'_, Option<Instance>> {
        Box::pin(async move {
            let mut instance = self.sound.instance(id).await?;
            if let (Defect::CountWrong, Some(instance)) = (self.defect, &mut instance) {
                instance.n_live = instance.n_live.min(4);
            }
            Ok(instance)
        })
    }
}
