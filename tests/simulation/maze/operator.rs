//! Somebody who meddles: starts, cancels, retries, pauses, purges, retires, and moves the clock.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use fantasm::{
    Client, Clock, InstanceId, StartError, WorkerId,
    store::{Claiming, InstanceStatus, Store},
    testing::ManualClock,
};
use fantasm_tests::{Layered, TokioClock};
use jiff::Timestamp;

use super::{
    intent::{TRAIL, Wish},
    machines::{Cell, Epilogue, Maze},
    model::{MAX_CRASHES, Model, Verified},
    walker::Script,
    witness::{Scene, Witness},
    world::words,
};

/// How long nobody does anything; the longest is longer than a lease.
const NAPS: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(11),
    Duration::from_secs(40),
];

/// How long a worker of nobody's keeps its tasks.
const LEASE: Duration = Duration::from_secs(10);

/// The queues that are paused now and then.
const QUEUES: [&str; 3] = ["left", "chosen", "after"];

/// How time passes: by hand, or as tokio has it.
pub(crate) enum Time {
    Manual(Arc<ManualClock>),
    Tokio,
}

pub(crate) struct Operator {
    scene: Scene,
    script: Script,
    time: Time,
    store: Layered<Witness>,
    client: Client,
    rng: fastrand::Rng,
}

impl Operator {
    pub(crate) fn new(scene: Scene, script: Script, time: Time, rng: fastrand::Rng) -> Self {
        let store = || Layered(Witness::of_operator(scene.clone()));
        let (client, store) = (Client::new(store()), store());
        Self { scene, script, time, store, client, rng }
    }

    pub(crate) async fn start(&mut self) -> Verified {
        let key = format!("walk {}", self.rng.u8(..3));
        let ticket = self.script.ticket();
        let wish = self.wish();
        self.scene.expect(wish.clone());
        let started = if self.rng.u8(..6) == 0 {
            wished(self.client.start(Cell { ticket }).key(key), wish).await
        } else {
            let maze = Maze { ticket, strength: self.rng.i64(2..9), colour: 0 };
            wished(self.client.start(maze).key(key), wish).await
        };
        match started {
            Err(StartError::Store(error)) => Err(words(error)),
            Err(error) => Err(error.to_string()),
            Ok(_) => self.scene.verdict(),
        }
    }

    fn wish(&mut self) -> Wish {
        let mut wish = Wish::default();
        if self.rng.bool() {
            wish.headers.insert(TRAIL, self.rng.u8(..).to_string());
            wish.headers.insert("guide", "Ariadne");
        }
        if self.rng.u8(..4) == 0 {
            wish.queue = Some("chosen".to_owned());
        }
        if self.rng.u8(..4) == 0 {
            wish.delay = self.rng.u64(1..9);
        }
        wish.n_then = self.rng.usize(..3);
        wish
    }

    /// What happens between two turns of processes.
    pub(crate) async fn meddle(&mut self) -> Verified {
        match self.rng.u8(..40) {
            0 => self.time.set_back(Duration::from_secs(self.rng.u64(1..30))),
            1 => self.start().await?,
            2 => {
                if let Some(id) = self.any_of(InstanceStatus::Active) {
                    self.store.cancel(id).await.map_err(words)?;
                }
            }
            3..=5 => {
                if let Some(id) = self.any_of(InstanceStatus::Failed) {
                    let into = match self.scene.look(|model| model.machine(id)) {
                        Some("Maze") => "Rescue",
                        Some("Cell") => "Settle",
                        _ => "Farewell",
                    };
                    let into = Some(into.to_owned()).filter(|_| self.rng.u8(..4) == 0);
                    self.retry(id, into).await?;
                }
            }
            6 | 7 => self.client.pause(QUEUES[self.rng.usize(..QUEUES.len())]).await.map_err(words)?,
            8..=11 => self.resume().await?,
            12 => {
                let ended_before =
                    self.scene.clock.now().saturating_sub(Duration::from_secs(9)).map_err(|e| e.to_string())?;
                self.store.purge(ended_before, NonZeroU32::MAX).await.map_err(words)?;
            }
            13 => {
                if let Some(worker) = self.any_worker() {
                    self.store.retire(worker).await.map_err(words)?;
                }
            }
            14 | 15 => {
                if let Some(id) = self.any_of(InstanceStatus::Active) {
                    self.store.set_instance_paused(id, self.rng.bool()).await.map_err(words)?;
                }
            }
            16 if self.rng.u8(..4) == 0 => self.kill_over_and_over().await?,
            _ => self.time.pass(NAPS[self.rng.usize(..NAPS.len())]).await,
        }
        self.scene.saw();
        Ok(())
    }

    /// One worker after the other takes what is due and falls silent, until the tasks are given up.
    async fn kill_over_and_over(&mut self) -> Verified {
        let limit = NonZeroU32::MIN.saturating_add(self.rng.u32(..3));
        let machines: Vec<String> = ["Maze", "Cell", "Epilogue"].map(str::to_owned).to_vec();
        for _ in 0..self.rng.u32(MAX_CRASHES - 2..MAX_CRASHES * 2) {
            let worker = WorkerId::random();
            self.store.register(worker, LEASE).await.map_err(words)?;
            let claiming = Claiming { machines: machines.clone(), ..Claiming::new(worker, limit) };
            self.store.claim(claiming).await.map_err(words)?;
            self.time.pass(LEASE).await;
        }
        self.scene.verdict()
    }

    /// Whatever has been stopped goes on.
    pub(crate) async fn resume(&self) -> Verified {
        for queue in QUEUES {
            self.client.resume(queue).await.map_err(words)?;
        }
        for id in self.scene.look(|model| model.of_status(InstanceStatus::Active)) {
            self.store.set_instance_paused(id, false).await.map_err(words)?;
        }
        Ok(())
    }

    /// What was given up gets another chance; answers how many instances there were.
    pub(crate) async fn retry_all(&self) -> Result<usize, String> {
        let failed = self.scene.look(|model| model.of_status(InstanceStatus::Failed));
        for id in &failed {
            self.retry(*id, None).await?;
        }
        Ok(failed.len())
    }

    async fn retry(&self, id: InstanceId, into: Option<String>) -> Verified {
        // An end is told from another of its instance by its time, and all other times of these worlds are whole milliseconds.
        self.time.pass(Duration::from_micros(1)).await;
        self.store.retry(id, into).await.map_err(words)?;
        self.scene.verdict()
    }

    fn any_of(&mut self, status: InstanceStatus) -> Option<InstanceId> {
        let ids = self.scene.look(|model| model.of_status(status));
        if ids.is_empty() { None } else { Some(ids[self.rng.usize(..ids.len())]) }
    }

    /// One who holds a task, if somebody does: who has nothing is no loss. Not by its random identity, but by its task.
    fn any_worker(&self) -> Option<WorkerId> {
        let holder = |model: &Model| model.tasks.values().find_map(|item| item.held.map(|held| held.lease.worker));
        self.scene.look(holder)
    }
}

impl Time {
    async fn pass(&self, time: Duration) {
        match self {
            Self::Manual(clock) => clock.advance(time),
            Self::Tokio => TokioClock::pass(time).await,
        }
    }

    /// Somebody sets the clock back, if it can be.
    fn set_back(&self, by: Duration) {
        if let Self::Manual(clock) = self {
            clock.set(clock.now().saturating_sub(by).unwrap_or(Timestamp::UNIX_EPOCH));
        }
    }
}

/// The start with all that was asked for.
fn wished<M>(start: fantasm::Start<'_, M>, wish: Wish) -> fantasm::Start<'_, M> {
    let Wish { headers, queue, delay, n_then } = wish;
    let mut start = headers.iter().fold(start, |start, (name, value)| start.header(name, value));
    if let Some(queue) = queue {
        start = start.queue(queue);
    }
    (0..n_then).fold(start.delay(Duration::from_secs(delay)), |start, _| start.then::<Epilogue>())
}
