//! The processes, and what is done to them.

use std::{
    env, fmt,
    ops::Range,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantasm::{Clock, SystemClock};

use crate::depot::Depot;

/// How often the workers renew their leases, in milliseconds.
const HEARTBEAT: u64 = 500;

/// Longer than a lease, so that the tasks of a worker that is stopped are taken over.
const STOP: Duration = Duration::from_millis(1300);

/// What is done to a worker.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Harm {
    /// `kill -9`; another takes its place.
    Kill,
    /// It stands still for longer than its lease, and then goes on as if nothing had been.
    Stop,
    /// The server crashes and comes back.
    Restart,
    /// The server ends half of the workers' connections.
    HangUp,
}

/// The workers of a test. Dropping it kills them.
#[derive(Debug)]
pub(crate) struct Fleet {
    store: String,
    outside: String,
    workers: Vec<Child>,
    random: fastrand::Rng,
    deeds: Deeds,
}

/// What was done, for whoever reads the test's output.
#[derive(Debug, Clone)]
pub(crate) struct Deeds {
    seed: u64,
    /// The processes that were killed, and when, in microseconds.
    pub(crate) killed: Vec<(u32, i64)>,
    n_stopped: u32,
    n_restarts: u32,
    n_hang_ups: u32,
}

/// How many seconds the workers' clocks are off, one after the other, where time is the server's.
const SKEWS: [i64; 4] = [0, -3600, -7, 0];

impl Fleet {
    /// Starts so many workers on the store of a depot.
    pub(crate) fn launch(depot: &Depot, n_workers: usize) -> Self {
        let seed = env::var("FANTASM_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
        let (store, outside) = (depot.url(), depot.outside().to_str().unwrap().to_owned());
        let is_skewed = depot.server().is_some();
        let workers = (0..n_workers).map(|number| worker(&store, &outside, skew(is_skewed, number))).collect();
        let deeds = Deeds { seed, killed: Vec::new(), n_stopped: 0, n_restarts: 0, n_hang_ups: 0 };
        Self { store, outside, workers, random: fastrand::Rng::with_seed(seed), deeds }
    }

    pub(crate) fn random(&mut self, range: Range<u64>) -> u64 {
        self.random.u64(range)
    }

    /// Lets the fleet work for a while.
    ///
    /// Its processes live in real time, and the moments at which they are harmed are what the test puts in.
    pub(crate) async fn wait(&self, time: Duration) {
        let mut clock = tokio::time::interval(time);
        clock.tick().await;
        clock.tick().await;
    }

    /// Does that to one of the workers, or to the server.
    pub(crate) async fn harm(&mut self, harm: Harm, depot: &Depot) {
        let which = self.random.usize(0..self.workers.len());
        let victim = &mut self.workers[which];
        if let Some(status) = victim.try_wait().unwrap() {
            panic!("a worker has ended by itself: {status}; {}", self.deeds);
        }
        match harm {
            Harm::Kill => {
                self.deeds.killed.push((victim.id(), SystemClock.now().as_microsecond()));
                victim.kill().unwrap();
                victim.wait().unwrap();
                *victim = worker(&self.store, &self.outside, skew(depot.server().is_some(), which));
            }
            Harm::Restart => {
                depot.server().expect("a file does not restart").crash_and_restart();
                self.deeds.n_restarts += 1;
            }
            Harm::HangUp => {
                depot.server().expect("a file does not hang up").query(HANG_UP);
                self.deeds.n_hang_ups += 1;
            }
            Harm::Stop => {
                signal("-STOP", victim);
                self.wait(STOP).await;
                signal("-CONT", &self.workers[which]);
                self.deeds.n_stopped += 1;
            }
        }
    }

    /// Ends all workers, and answers what was done to them.
    pub(crate) fn end(self) -> Deeds {
        self.deeds.clone()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            // One that has ended already is gone all the same.
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

impl fmt::Display for Deeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, killed, n_stopped, n_restarts, n_hang_ups } = self;
        let n_killed = killed.len();
        write!(f, "{n_killed} workers killed, {n_stopped} stopped for longer than their lease, ")?;
        write!(f, "{n_restarts} crashes of the server, {n_hang_ups} times half of the connections ended ")?;
        write!(f, "(FANTASM_SEED={seed})")
    }
}

const HANG_UP: &str = "
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app' AND random() < 0.5";

fn skew(is_skewed: bool, worker: usize) -> i64 {
    if is_skewed { SKEWS[worker % SKEWS.len()] } else { 0 }
}

fn worker(store: &str, outside: &str, skew: i64) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleet-worker"));
    command.args([store, outside, &HEARTBEAT.to_string(), &skew.to_string()]).stdin(Stdio::null());
    command.spawn().unwrap()
}

fn signal(signal: &str, process: &Child) {
    let status = Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap();
    assert!(status.success(), "kill {signal}: {status}");
}
