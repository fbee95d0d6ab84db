//! Seeds: what makes a random world the same again.

use std::{
    env, fmt,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use fantasm::{
    TaskKey,
    store::{NewInstance, Next, Started, Store, StoreFuture},
};

use crate::Layer;

/// The variable that names the one seed to replay.
const VARIABLE: &str = "FANTASM_SEED";

/// A seed, which says how to replay it when its world panics.
#[derive(Debug)]
pub struct Seed {
    number: u64,
    test: &'static str,
}

/// The seeds that a test tries: these, or the one that `FANTASM_SEED` names.
pub fn seeds(test: &'static str, range: Range<u64>) -> impl Iterator<Item = Seed> + Send {
    let replayed = env::var(VARIABLE).ok().and_then(|seed| seed.parse().ok());
    let range = replayed.map_or(range, |seed: u64| seed..seed + 1);
    range.map(move |number| Seed { number, test })
}

impl Seed {
    /// The random numbers of this world.
    #[must_use]
    pub fn rng(&self) -> fastrand::Rng {
        Self::rng_of(self.number)
    }

    /// The random numbers of the world of that number.
    #[must_use]
    pub fn rng_of(number: u64) -> fastrand::Rng {
        fastrand::Rng::with_seed(number)
    }
}

/// Starts instances under keys that a seed draws: all that is drawn for their tasks follows from them.
#[derive(Debug)]
pub struct Keyed {
    below: Arc<dyn Store>,
    rng: Mutex<fastrand::Rng>,
}

impl Keyed {
    /// The keys of that seed.
    pub fn new(below: Arc<dyn Store>, seed: &Seed) -> Self {
        Self { below, rng: Mutex::new(seed.rng()) }
    }
}

impl Layer for Keyed {
    fn below(&self) -> &dyn Store {
        &*self.below
    }

    fn start(&self, mut instances: Vec<NewInstance>) -> StoreFuture<'_, Vec<Started>> {
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        for NewInstance { first, .. } in &mut instances {
            let root = TaskKey(uuid::Uuid::from_u128(rng.u128(..)));
            match first {
                Next::Task(task) => task.key = root,
                Next::Package(package) => package.window_key = root.child("window", 0),
                Next::Spawn(_) => {}
            }
        }
        self.below.start(instances)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl Drop for Seed {
    #[expect(clippy::print_stderr, reason = "a failing test is to say how it is replayed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { number, test } = self;
            eprintln!("replay: {VARIABLE}={number} cargo test -p fantasm-tests --test {} {test}", area());
        }
    }
}

/// The test binary, without the hash that cargo gives its file.
fn area() -> String {
    let file = env::current_exe().unwrap_or_default();
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    name.rsplit_once('-').map_or(name.as_ref(), |(area, _)| area).to_owned()
}
