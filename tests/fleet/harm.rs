//! What is done to the workers and to the server, and the record of it.

use std::{collections::BTreeMap, fmt, process::Command, time::Duration};

use fantasm::{Clock, SystemClock};
use fantasm_tests::Cluster;
use tokio::time::interval;

use crate::{crowd::Crowd, depot::Depot, fleet::Fleet};

/// Longer than a lease, so that the tasks of a worker that stands still are taken over.
const STANDSTILL: Duration = Duration::from_millis(1300);

/// How long what is in everybody's way stays there: others' connections, another's lock on the file.
const HINDRANCE: Duration = Duration::from_millis(2500);

/// How long the server's disk takes for what is flushed to it, in microseconds.
pub(crate) const DISK: u32 = 3_000;
const SLOW_DISK: u32 = 100_000;

/// What is done to a worker, or to what all of them need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Harm {
    /// `kill -9`; another takes its place.
    Kill,
    /// It stands still for longer than its lease, and then goes on as if nothing had been.
    Stop,
    /// The server ends half of the workers' connections.
    HangUp,
    /// Others take all connections that the server has, and those that workers lose.
    Crowd,
    /// The disk takes a tenth of a second for whatever is flushed to it, until this is drawn again.
    SlowDisk,
    /// The server stands still for longer than a lease, as one does whose disk does not answer.
    Freeze,
    /// The server is shut down and comes back.
    Restart,
    /// The server crashes and comes back.
    Crash,
    /// Somebody else writes to the file for longer than a lease.
    Lock,
}

impl Harm {
    /// All that can be done on a server of the test's own.
    pub(crate) const ON_POSTGRES: &[Self] = &[
        Self::Kill,
        Self::Kill,
        Self::Kill,
        Self::Kill,
        Self::Stop,
        Self::HangUp,
        Self::HangUp,
        Self::Crowd,
        Self::SlowDisk,
        Self::Freeze,
        Self::Restart,
        Self::Crash,
    ];

    /// What can be done on a server that is not the test's own.
    pub(crate) const ELSEWHERE: &[Self] = &[Self::Kill, Self::Kill, Self::Stop, Self::HangUp];

    pub(crate) const ON_SQLITE: &[Self] =
        &[Self::Kill, Self::Kill, Self::Kill, Self::Kill, Self::Stop, Self::Stop, Self::Lock];

    fn name(self) -> &'static str {
        match self {
            Self::Kill => "workers killed",
            Self::Stop => "workers stopped for longer than their lease",
            Self::HangUp => "times half of the connections ended",
            Self::Crowd => "times all connections taken by others",
            Self::SlowDisk => "changes between a fast and a slow disk",
            Self::Freeze => "standstills of the server",
            Self::Restart => "restarts of the server",
            Self::Crash => "crashes of the server",
            Self::Lock => "times the file locked by others",
        }
    }
}

/// What was done, for whoever reads the test's output.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    seed: u64,
    /// The processes that were killed, and when, in microseconds.
    pub(crate) killed: Vec<(u32, i64)>,
    counts: BTreeMap<Harm, u32>,
}

impl Deeds {
    /// Nothing so far; what will be is drawn from that seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Does that, to one of the workers if it is done to workers.
    pub(crate) async fn harm(&mut self, harm: Harm, fleet: &mut Fleet, depot: &Depot) {
        let victim = fleet.draw(self);
        match harm {
            Harm::Kill => {
                self.killed.push((fleet.process(victim), SystemClock.now().as_microsecond()));
                fleet.replace(victim);
            }
            Harm::Stop => {
                let process = fleet.process(victim);
                signal("-STOP", &[process]);
                pass(STANDSTILL).await;
                signal("-CONT", &[process]);
            }
            Harm::HangUp => depot.run(HANG_UP),
            Harm::Crowd => {
                let mut crowd = Crowd::default();
                let mut moments = interval(Duration::from_millis(100));
                for _ in 0..HINDRANCE.as_millis() / 100 {
                    crowd.fill(&server(depot).url_of("crowd")).await;
                    depot.run(HANG_UP_ONE);
                    moments.tick().await;
                }
            }
            Harm::SlowDisk => {
                let is_slow = self.counts.get(&harm).is_some_and(|n_changes| n_changes % 2 == 1);
                set_disk(depot, if is_slow { DISK } else { SLOW_DISK });
            }
            Harm::Freeze => {
                let processes = server(depot).processes();
                signal("-STOP", &processes);
                pass(STANDSTILL).await;
                signal("-CONT", &processes);
            }
            Harm::Restart => server(depot).restart(),
            Harm::Crash => server(depot).crash_and_restart(),
            Harm::Lock => {
                let lock = depot.lock();
                pass(HINDRANCE).await;
                drop(lock);
            }
        }
        *self.counts.entry(harm).or_default() += 1;
    }
}

impl fmt::Display for Deeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (harm, n_times) in &self.counts {
            write!(f, "{n_times} {}, ", harm.name())?;
        }
        write!(f, "FANTASM_SEED={}", self.seed)
    }
}

const HANG_UP: &str = "
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = 'fantasm' AND random() < 0.5";

const HANG_UP_ONE: &str = "
    SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT pid FROM pg_stat_activity WHERE application_name = 'fantasm' ORDER BY random() LIMIT 1) AS one";

/// Makes whatever is flushed to the disk take so many microseconds at least.
///
/// `commit_delay` is waited for by everyone who flushes, as there need be no others (`commit_siblings` is 0), but only
/// where the server does flush at all (`fsync` is on).
pub(crate) fn set_disk(depot: &Depot, micros: u32) {
    depot.run(&format!("ALTER SYSTEM SET commit_delay = {micros}"));
    depot.run("SELECT pg_reload_conf()");
}

/// Lets time pass.
///
/// The processes of these tests live in real time, and the moments at which they are harmed are what the tests put in.
pub(crate) async fn pass(time: Duration) {
    let mut clock = interval(time);
    clock.tick().await;
    clock.tick().await;
}

/// Of those that harm servers of the test's own.
fn server(depot: &Depot) -> &Cluster {
    depot.server().expect("this is done to servers of the test's own alone")
}

fn signal(signal: &str, processes: &[u32]) {
    // Some of them may end at this moment, and then nothing is left to be signalled.
    let processes = processes.iter().map(u32::to_string);
    Command::new("kill").arg(signal).args(processes).stderr(std::process::Stdio::null()).status().unwrap();
}
