//! How long a run lasts and how much it is fed, so that there is work for as long as there is harm.

use std::{cell::Cell, env, fmt, str::FromStr, time::Duration};

use fantasm::{
    Client, StartError,
    store::{Store, StoreError},
};
use tokio::{
    task::JoinSet,
    time::{Instant, interval},
};

use crate::machines::Haul;

/// How many instances are to be under way: enough for all workers, and few enough to be done soon after the last start.
const BACKLOG: usize = 400;

/// How many are started at the same moment.
const HANDFUL: usize = 10;

/// A run: at least so many instances, for at least so long.
#[derive(Debug)]
pub(crate) struct Plan {
    n_instances: usize,
    time: Duration,
    begin: Instant,
    n_started: Cell<usize>,
    n_active: Cell<usize>,
}

impl Plan {
    /// So many instances for as long as they take, unless `cargo xtask monkey` has said otherwise.
    pub(crate) fn new(n_instances: usize) -> Self {
        let minutes: f64 = given("FANTASM_FLEET_MINUTES").unwrap_or(0.0);
        Self {
            n_instances: given("FANTASM_FLEET_INSTANCES").unwrap_or(n_instances),
            time: Duration::from_secs_f64(minutes * 60.0),
            begin: Instant::now(),
            n_started: Cell::new(0),
            n_active: Cell::new(0),
        }
    }

    /// Starts instances as fast as they are worked off. Each has a key, so that one whose start was not answered is not
    /// started twice.
    pub(crate) async fn feed<S: Store + Clone>(&self, store: S, haul: &Haul) {
        let client = Client::new(store);
        let mut moments = interval(Duration::from_millis(50));
        while !self.is_fed() {
            moments.tick().await;
            if self.n_active.get() >= BACKLOG {
                continue;
            }
            let mut starts = JoinSet::new();
            for number in self.n_started.get()..self.n_started.get() + HANDFUL {
                starts.spawn(start(client.clone(), haul.clone(), format!("haul-{number}")));
            }
            while let Some(started) = starts.join_next().await {
                started.unwrap().unwrap();
            }
            self.n_started.set(self.n_started.get() + HANDFUL);
            self.n_active.set(self.n_active.get() + HANDFUL);
        }
    }

    /// Whether everything has been started.
    pub(crate) fn is_fed(&self) -> bool {
        self.n_started.get() >= self.n_instances && self.begin.elapsed() >= self.time
    }

    /// Takes note of how many are under way.
    pub(crate) fn note_active(&self, n_active: usize) {
        self.n_active.set(n_active);
    }

    pub(crate) fn n_started(&self) -> usize {
        self.n_started.get()
    }

    pub(crate) fn n_active(&self) -> usize {
        self.n_active.get()
    }

    /// How long it has been going on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.begin.elapsed().as_secs();
        write!(f, "{}:{:02}", seconds / 60, seconds % 60)
    }
}

/// Starts an instance, as often as it takes: the server may be on its way back.
async fn start(client: Client, haul: Haul, key: String) -> Result<(), StartError> {
    let mut moments = interval(Duration::from_millis(100));
    loop {
        moments.tick().await;
        match client.start(haul.clone()).key(&key).await {
            Err(StartError::Store(error)) if StoreError::is_retryable(&error) => {}
            started => return started.map(drop),
        }
    }
}

/// What a variable of the environment says.
pub(crate) fn given<T: FromStr<Err: fmt::Debug>>(variable: &str) -> Option<T> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{variable}={text}: {error:?}")))
}
