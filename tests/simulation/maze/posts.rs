//! Worlds of real workers: the loop that polls, heartbeats and shutdowns, on paused time. Several posts are manned by one worker
//! after the other; each is killed, or shut down, or stops by itself.
//!
//! A seed decides all but one thing: tokio picks at random among what is ready, so that a replay may go another way.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fantasm::{
    BoxFuture, Clock, Worker,
    store::{Store, StoreError, StoreErrorKind},
    testing::{Call, Faults, FaultyStore},
};
use fantasm_tests::{Backend, Layered, TokioClock};
use tokio::{task::JoinSet, time};

use super::{
    defect::{Broken, Defect},
    effects::Effects,
    machines,
    model::{Counts, Model, Verified},
    operator::{Operator, Time},
    walker::{Script, Walker},
    witness::{Scene, Witness},
};

/// How long a worker waits for a store that does not answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long the storm lasts.
const STORM: Duration = Duration::from_secs(900);
/// How long everything may take when it is over.
const MAX_CALM: Duration = Duration::from_secs(2 * 3600);
const HEARTBEAT: Duration = Duration::from_secs(5);
const LEASE: Duration = Duration::from_secs(10);

/// What the workers of one post have in common.
#[derive(Debug, Clone)]
struct Post {
    scene: Scene,
    defect: Option<Defect>,
    script: Script,
    clock: Arc<dyn Clock>,
}

/// Lets the world of a seed run to its end; the error says which promise was broken.
pub(crate) async fn run(mut rng: fastrand::Rng, defect: Option<Defect>) -> Result<Counts, String> {
    let clock = Arc::new(TokioClock::new());
    let backend = Backend::memory(clock.clone());
    let (effects, sound) = Effects::of(&backend);
    let store = Broken::store(sound, defect);
    let script = Script::new(String::new(), rng.fork()).dawdling(LEASE);
    let scene = Scene::new(store, clock.clone(), rng.fork());
    let mut operator = Operator::new(scene.clone(), script.clone(), Time::Tokio, rng.fork());
    let post = Post { scene: scene.clone(), defect, script: script.clone(), clock };
    storm(&post, &mut operator, &mut rng).await?;
    script.calm();
    calm(&post, &operator).await?;
    scene.close().await?;
    scene.look(|model| model.check_effects(&effects.numbers(&backend, "")))?;
    if defect.is_none() {
        backend.assert_no_work_left();
    }
    Ok(scene.look(|model| Counts { n_worlds: 1, ..model.counts }))
}

/// Workers come and go, and an operator meddles.
async fn storm(post: &Post, operator: &mut Operator, rng: &mut fastrand::Rng) -> Verified {
    for _ in 0..rng.usize(1..=3) {
        operator.start().await?;
    }
    let mut posts = JoinSet::new();
    for _ in 0..rng.usize(1..=3) {
        let (post, rng) = (post.clone(), rng.fork());
        posts.spawn(async move { post.man(rng).await });
    }
    let end = time::Instant::now() + STORM;
    while time::Instant::now() < end && post.scene.look(Model::is_live) {
        TokioClock::pass(Duration::from_millis(rng.u64(1..4_000))).await;
        operator.meddle().await?;
        post.scene.verdict()?;
    }
    // Whoever still works dies of it.
    posts.shutdown().await;
    post.scene.verdict()
}

/// One worker, nothing goes wrong, and everything is to come to its end.
async fn calm(post: &Post, operator: &Operator) -> Verified {
    operator.resume().await?;
    let walker = Walker::new(post.script.clone());
    let witness = Layered(Witness::of_process(post.scene.clone(), walker.slots.clone(), None));
    let store = Broken::worker(Arc::new(witness), post.defect);
    let worker = post.worker(store, walker, 16, true).await;
    let end = time::Instant::now() + MAX_CALM;
    while time::Instant::now() < end {
        TokioClock::pass(HEARTBEAT).await;
        post.scene.verdict()?;
        if !post.scene.look(Model::is_live) && operator.retry_all().await? == 0 {
            return worker.shutdown().await.map_err(|error| error.to_string());
        }
    }
    Err(post.scene.look(|model| format!("nobody does {:#?}", model.tasks.values().collect::<Vec<_>>())))
}

impl Post {
    /// Mans the post with one worker after the other.
    async fn man(self, mut rng: fastrand::Rng) {
        loop {
            let walker = Walker::new(self.script.clone());
            let witness = Layered(Witness::of_process(self.scene.clone(), walker.slots.clone(), None));
            let store = Broken::worker(Arc::new(witness), self.defect);
            let store = FaultyStore::new(store, Weather::new(rng.fork()));
            let worker = self.worker(store, walker, rng.u32(1..=4), rng.u8(..4) > 0).await;
            let life = Duration::from_millis(rng.u64(100..90_000));
            tokio::select! {
                _ = worker.stopped() => continue,
                () = TokioClock::pass(life) => {}
            }
            if rng.bool() {
                // What it could not give back is taken from it when its lease has run out.
                let _ = worker.shutdown().await;
            }
            TokioClock::pass(Duration::from_millis(rng.u64(..20_000))).await;
        }
    }

    async fn worker(&self, store: impl Store, walker: Walker, concurrency: u32, has_torch: bool) -> Worker {
        let worker = Worker::builder(store)
            .machines(machines::all())
            .service(walker)
            .clock(Arc::clone(&self.clock))
            .heartbeat(HEARTBEAT)
            .grace(HEARTBEAT)
            .give_up_after(PATIENCE)
            .concurrency(concurrency)
            .keep_forever();
        let worker = if has_torch { worker.label("torch") } else { worker };
        worker.start().await.expect("the worker has all that it needs")
    }
}

/// Calls take their time, and now and then are not answered, or for good; or the whole process stands still.
#[derive(Debug)]
struct Weather(Mutex<Luck>);

#[derive(Debug)]
struct Luck {
    rng: fastrand::Rng,
    /// Until when no call gets through.
    still_until: time::Instant,
}

impl Weather {
    const STANDSTILL: Duration = LEASE.saturating_add(HEARTBEAT);

    fn new(rng: fastrand::Rng) -> Self {
        Self(Mutex::new(Luck { rng, still_until: time::Instant::now() }))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Luck) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, call: Call) -> Result<(), StoreError> {
        let kind = match self.with(|luck| luck.rng.u16(..1_000)) {
            0..2 => StoreErrorKind::Internal,
            // Nobody knows what was given to him; so the stores answer a claim that may have taken effect.
            2..10 if call == Call::Claim => StoreErrorKind::LeaseLost,
            2..30 if call != Call::Claim => StoreErrorKind::Unavailable,
            _ => return Ok(()),
        };
        Err(StoreError::new(kind, "no answer, as the seed wants it"))
    }
}

impl Faults for Weather {
    fn before(&self, call: Call) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let pause = self.with(|luck| {
                if luck.rng.u8(..) == 0 {
                    luck.still_until = time::Instant::now() + Self::STANDSTILL;
                }
                Duration::from_millis(luck.rng.u64(..50))
            });
            TokioClock::pass(pause).await;
            let still_until = self.with(|luck| luck.still_until);
            TokioClock::pass(still_until.saturating_duration_since(time::Instant::now())).await;
            self.answer(call)
        })
    }

    fn after(&self, call: Call, _: Option<&StoreError>) -> Result<(), StoreError> {
        self.answer(call)
    }
}
