//! A layer that books every call in the model, and compares what the store shows afterwards.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fantasm::{
    Clock, InstanceId, Machine, TaskKey, WorkerId,
    store::{Claim, Claiming, Commit, Lease, NewInstance, NewTask, Next, Started, Store, StoreErrorKind, StoreFuture},
};
use fantasm_tests::Layer;
use jiff::Timestamp;

use super::{
    intent::{Ending, Intent, Slots, Wish},
    machines::{Cell, Maze},
    model::{Model, Verified, branch::Beginning},
};

/// What all processes of a world have in common: the store that is looked at, and the books.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    books: Arc<Mutex<Books>>,
}

#[derive(Debug)]
struct Books {
    model: Model,
    rng: fastrand::Rng,
    /// What the next start was asked for.
    wish: Wish,
    /// The first promise that was broken.
    violation: Option<String>,
}

/// One process's or operator's connection to the store of a scene.
pub(crate) struct Witness {
    scene: Scene,
    slots: Option<Slots>,
    /// The labels of the worker; one without a list takes whatever there is.
    labels: Option<Vec<String>>,
}

impl Scene {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rng: fastrand::Rng) -> Self {
        let books = Books { model: Model::default(), rng, wish: Wish::default(), violation: None };
        Self { store, clock, books: Arc::new(Mutex::new(books)) }
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.books().model)
    }

    /// Notes what the next start is asked for.
    pub(crate) fn expect(&self, wish: Wish) {
        self.books().wish = wish;
    }

    /// The first promise that was broken.
    pub(crate) fn verdict(&self) -> Verified {
        self.books().violation.clone().map_or(Ok(()), Err)
    }

    /// Notes what the clock shows.
    pub(crate) fn saw(&self) {
        let now = self.clock.now();
        self.books().model.saw(now);
    }

    /// Books a call, unless something went wrong before.
    fn book(&self, what: &(dyn fmt::Debug + Sync), booking: impl FnOnce(&mut Model, Timestamp) -> Verified) {
        let now = self.clock.now();
        let mut books = self.books();
        books.model.saw(now);
        if books.violation.is_none()
            && let Err(words) = booking(&mut books.model, now)
        {
            books.violation = Some(format!("{words}\n  at {now}, on {what:?}"));
        }
    }

    /// Compares the instances that the last call was about with the books.
    async fn compare(&self, what: &(dyn fmt::Debug + Sync)) {
        let touched = std::mem::take(&mut self.books().model.touched);
        for at in touched {
            let Some(id) = self.look(|model| model.instances[at].id) else { continue };
            let shown = self.store.instance(id).await;
            self.book(what, |model, _| {
                let shown = shown.map_err(|error| error.to_string())?;
                model.check_instance(at, shown.as_ref())
            });
        }
    }

    /// Compares everything, once nothing is left to do.
    pub(crate) async fn close(&self) -> Verified {
        let n_instances = self.look(|model| model.instances.len());
        for at in 0..n_instances {
            let (id, is_purged) = self.look(|model| (model.instances[at].id, model.instances[at].is_purged));
            let Some(id) = id else { return Err(format!("the spawned instance {at} was never seen")) };
            let failed = |error: fantasm::store::StoreError| error.to_string();
            let shown = self.store.instance(id).await.map_err(failed)?;
            self.look(|model| model.check_instance(at, shown.as_ref()))?;
            if !is_purged {
                let history = self.store.history(id).await.map_err(failed)?;
                let log = self.store.log(id).await.map_err(failed)?;
                self.look(|model| model.check_past(at, &history, &log))?;
            }
        }
        self.verdict()
    }

    /// Gives an instance the key that the seed draws for it.
    fn root(&self, instance: &mut NewInstance) -> Beginning {
        let root = TaskKey(uuid::Uuid::from_u128(self.books().rng.u128(..)));
        match &mut instance.first {
            Next::Task(task) => task.key = root,
            Next::Package(package) => package.window_key = root.child("window", 0),
            Next::Spawn(_) => {}
        }
        let machine = if instance.machine == "Maze" { Maze::DESCRIPTOR } else { Cell::DESCRIPTOR };
        let (key, context) = (instance.key.clone(), instance.context.clone());
        let wish = std::mem::take(&mut self.books().wish);
        Beginning { root, machine, key, parent: None, context, wish }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Witness {
    /// The connection of a process that notes its intents in `slots`.
    pub(crate) fn of_process(scene: Scene, slots: Slots, labels: Option<Vec<String>>) -> Self {
        Self { scene, slots: Some(slots), labels }
    }

    /// The connection of somebody who runs nothing.
    pub(crate) fn of_operator(scene: Scene) -> Self {
        Self { scene, slots: None, labels: None }
    }

    fn intent(&self, lease: &Lease) -> Intent {
        self.slots.as_ref().map(|slots| slots.of(lease.task)).unwrap_or_default()
    }

    fn labelled(&self, claiming: Claiming) -> Claiming {
        Claiming { labels: self.labels.clone().or(claiming.labels), ..claiming }
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("slots", &self.slots).finish_non_exhaustive()
    }
}

impl Layer for Witness {
    fn below(&self) -> &dyn Store {
        &*self.scene.store
    }

    /// Starts under keys that the seed draws, so that everything that is derived from them is the same again.
    fn start(&self, mut instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        Box::pin(async move {
            let beginnings: Vec<_> = instances.iter_mut().map(|instance| self.scene.root(instance)).collect();
            let answer = self.scene.store.start(instances).await;
            for (beginning, started) in beginnings.into_iter().zip(answer.iter().flatten()) {
                self.scene.book(started, |model, now| model.started(beginning, *started, now));
            }
            self.scene.compare(&"start").await;
            answer
        })
    }

    fn register(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let answer = self.scene.store.register(worker, lease).await;
            self.scene.book(&worker, |model, now| {
                model.registered(worker, Model::until(now, lease));
                Ok(())
            });
            answer
        })
    }

    fn renew(&self, worker: WorkerId, lease: Duration) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let answer = self.scene.store.renew(worker, lease).await;
            self.scene.book(&"renew", |model, now| model.renewed(worker, Model::until(now, lease), answer.is_err()));
            answer
        })
    }

    fn claim(&self, claiming: Claiming) -> StoreFuture<'_, Vec<Claim>> {
        Box::pin(async move {
            let claiming = self.labelled(claiming);
            let answer = self.scene.store.claim(claiming.clone()).await;
            self.scene.book(&answer, |model, now| model.claimed(&claiming, &answer, now));
            if let (Some(slots), Ok(claims)) = (&self.slots, &answer) {
                claims.iter().for_each(|claim| slots.begin(&claim.task));
            }
            answer
        })
    }

    fn next_due(&self, claiming: Claiming) -> StoreFuture<'_, Option<Duration>> {
        self.scene.store.next_due(self.labelled(claiming))
    }

    fn advance(&self, lease: Lease, next: NewTask) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let answer = self.scene.store.advance(lease, next.clone()).await;
            let intent = self.intent(&lease);
            self.scene.book(&next, |model, now| model.advanced(&lease, &next, &intent, &answer, now));
            self.scene.compare(&"advance").await;
            answer
        })
    }

    fn seal(&self, lease: Lease) -> StoreFuture<'_, Vec<String>> {
        Box::pin(async move {
            let answer = self.scene.store.seal(lease).await;
            self.scene.book(&"seal", |model, _| model.sealed(&lease, &answer));
            answer
        })
    }

    fn commit(&self, lease: Lease, commit: Commit) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let verdict = commit.verdict.clone();
            let answer = self.scene.store.commit(lease, commit).await;
            let intent = self.intent(&lease);
            self.scene.book(&verdict, |model, now| model.committed(&lease, &verdict, &intent, &answer, now));
            let is_refused = answer.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Statement);
            if let (true, Some(slots), Some(task)) = (is_refused, &self.slots, intent.task) {
                slots.with(task.key, |intent| intent.ending = Ending::Failed { is_permanent: false });
            }
            self.scene.compare(&verdict).await;
            answer
        })
    }

    fn retire(&self, worker: WorkerId) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let answer = self.scene.store.retire(worker).await;
            self.scene.book(&"retire", |model, now| {
                model.retired(worker, now);
                Ok(())
            });
            answer
        })
    }

    fn cancel(&self, id: InstanceId) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let answer = self.scene.store.cancel(id).await;
            if let Ok(was_active) = &answer {
                self.scene.book(&"cancel", |model, now| model.cancelled(id, *was_active, now));
            }
            self.scene.compare(&"cancel").await;
            answer
        })
    }

    fn retry(&self, id: InstanceId, into: Option<String>) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let answer = self.scene.store.retry(id, into.clone()).await;
            if let Ok(n_retried) = &answer {
                self.scene.book(&"retry", |model, now| model.retried(id, into.as_deref(), *n_retried, now));
            }
            self.scene.compare(&"retry").await;
            answer
        })
    }

    fn set_instance_paused(&self, id: InstanceId, is_paused: bool) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let answer = self.scene.store.set_instance_paused(id, is_paused).await;
            if let Ok(was_active) = &answer {
                self.scene.book(&"pause", |model, _| model.instance_paused(id, is_paused, *was_active));
            }
            self.scene.compare(&"pause").await;
            answer
        })
    }

    fn set_paused(&self, queue: String, is_paused: bool) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let answer = self.scene.store.set_paused(queue.clone(), is_paused).await;
            self.scene.book(&"pause", |model, _| {
                if is_paused {
                    model.paused.insert(queue)
                } else {
                    model.paused.remove(&queue)
                };
                Ok(())
            });
            answer
        })
    }

    fn purge(&self, ended_before: Timestamp, limit: NonZeroU32) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let answer = self.scene.store.purge(ended_before, limit).await;
            if let Ok(n_purged) = &answer {
                self.scene.book(&"purge", |model, _| model.purged(ended_before, *n_purged));
            }
            self.scene.compare(&"purge").await;
            answer
        })
    }
}
