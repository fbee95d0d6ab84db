//! Seeds: what makes a random world the same again.

use std::{env, fmt, ops::Range};

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
            eprintln!("replay: {VARIABLE}={number} cargo test -p fantasm-tests --test simulation {test}");
        }
    }
}
