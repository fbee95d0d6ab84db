//! The processes, none of which outlives the test's.

use std::{
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
};

use crate::{depot::Depot, harm::Deeds, plan};

/// How often the workers renew their leases, in milliseconds.
const HEARTBEAT: u64 = 500;

/// How many seconds the workers' clocks are off, one after the other, where time is the server's.
const SKEWS: [i64; 4] = [0, -3600, 7, 3600];

/// What kills its process group, in which all workers are, those too that stand still, once nobody holds the other end of its
/// input any more. A test that is killed leaves no last word but this.
const WATCHDOG: &str = "cat >/dev/null; kill -9 0";

/// The workers of a test. Dropping it kills them.
#[derive(Debug)]
pub(crate) struct Fleet {
    store: String,
    outside: String,
    is_skewed: bool,
    /// Of another version: every second worker is one, if there is one.
    beside: Option<String>,
    workers: Vec<Child>,
    watchdog: Child,
    random: fastrand::Rng,
}

impl Fleet {
    /// Starts so many workers on the store of a depot.
    pub(crate) fn launch(depot: &Depot, n_workers: usize) -> (Self, Deeds) {
        let seed = plan::given("FANTASM_SEED").unwrap_or_else(|| fastrand::u64(..));
        let watchdog =
            Command::new("sh").args(["-c", WATCHDOG]).stdin(Stdio::piped()).process_group(0).spawn().unwrap();
        let mut fleet = Self {
            store: depot.url(),
            outside: depot.outside().to_str().unwrap().to_owned(),
            is_skewed: depot.has_clock(),
            beside: plan::given("FANTASM_FLEET_BESIDE"),
            workers: Vec::new(),
            watchdog,
            random: fastrand::Rng::with_seed(seed),
        };
        fleet.workers = (0..n_workers).map(|number| fleet.worker(number)).collect();
        (fleet, Deeds::new(seed))
    }

    pub(crate) fn random(&mut self) -> &mut fastrand::Rng {
        &mut self.random
    }

    /// The place of one of the workers, none of which may have ended by itself.
    pub(crate) fn draw(&mut self, deeds: &Deeds) -> usize {
        for worker in &mut self.workers {
            if let Some(status) = worker.try_wait().unwrap() {
                panic!("a worker has ended by itself: {status}; {deeds}");
            }
        }
        self.random.usize(0..self.workers.len())
    }

    pub(crate) fn process(&self, place: usize) -> u32 {
        self.workers[place].id()
    }

    /// Kills a worker and puts another in its place.
    pub(crate) fn replace(&mut self, place: usize) {
        kill(&mut self.workers[place]);
        self.workers[place] = self.worker(place);
    }

    fn worker(&self, place: usize) -> Child {
        let skew = if self.is_skewed { SKEWS[place % SKEWS.len()] } else { 0 };
        let other = self.beside.as_deref().filter(|_| place % 2 == 1);
        let mut command = Command::new(other.unwrap_or(env!("CARGO_BIN_EXE_fleet-worker")));
        command.args([&self.store, &self.outside, &HEARTBEAT.to_string(), &skew.to_string()]);
        command.stdin(Stdio::null()).process_group(self.watchdog.id().try_into().unwrap()).spawn().unwrap()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.workers.iter_mut().for_each(kill);
        kill(&mut self.watchdog);
    }
}

fn kill(process: &mut Child) {
    // One that has ended already is gone all the same.
    let _ = process.kill();
    let _ = process.wait();
}

#[tokio::test]
async fn workers_end_with_the_process_that_holds_them_even_one_that_stands_still() {
    use std::os::unix::process::ExitStatusExt as _;

    let depot = Depot::sqlite().await;
    let (mut fleet, _) = Fleet::launch(&depot, 2);
    let stopped = Command::new("kill").args(["-STOP", &fleet.process(0).to_string()]).status().unwrap();
    assert!(stopped.success());
    // What the end of the process does to the pipe, however it ends.
    drop(fleet.watchdog.stdin.take());
    for worker in &mut fleet.workers {
        assert_eq!(worker.wait().unwrap().signal(), Some(9));
    }
}
