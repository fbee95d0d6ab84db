//! One world: several processes, an operator, a clock, and a seed that decides everything.

use std::{num::NonZeroU32, pin::Pin, sync::Arc, time::Duration};

use fantasm::{
    Client, Clock, StartError, WorkerId,
    store::{InstanceStatus, Store, StoreError},
    testing::{FaultyStore, ManualClock, StepWorker},
};
use fantasm_tests::{Backend, Gate, Layered, Lives};

use super::{
    defect::{Broken, Defect},
    fate::Fate,
    machines::{self, Cell, Maze},
    model::{Counts, Model, Verified},
    walker::{Script, Walker},
    witness::{Scene, Witness},
};

/// How long the storm lasts, in turns of processes.
const MAX_TURNS: usize = 900;
/// How many steps may be left when it is over.
const MAX_STEPS: usize = 3_000;
/// How long nobody does anything; the longest is longer than a lease.
const NAPS: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(11),
    Duration::from_secs(40),
];

/// What a world runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum On {
    Memory,
    Sqlite,
}

/// A world that has ended well: how much has happened, and the past of its instances.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) counts: Counts,
    pub(crate) past: Vec<String>,
}

struct World {
    scene: Scene,
    script: Script,
    rng: fastrand::Rng,
}

/// Lets the world of a seed run to its end; the error says which promise was broken.
pub(crate) async fn run(mut rng: fastrand::Rng, on: On, defect: Option<Defect>) -> Result<Told, String> {
    let clock = Arc::new(ManualClock::new());
    let backend = match on {
        On::Memory => Backend::memory(clock.clone()),
        On::Sqlite => Backend::sqlite(clock.clone()).await.map_err(words)?,
    };
    let store = defect.map_or_else(|| backend.store(), |defect| Broken::store(backend.store(), defect));
    let script = Script::new(rng.fork());
    let mut world = World { scene: Scene::new(store, clock, rng.fork()), script, rng };
    world.storm().await?;
    world.calm().await?;
    world.scene.close().await?;
    if defect.is_none() {
        backend.assert_no_work_left();
    }
    Ok(world.scene.look(told))
}

impl World {
    /// Processes live and die, and an operator meddles.
    async fn storm(&mut self) -> Verified {
        let operator = Client::new(self.operator());
        let n_instances = self.rng.usize(1..=2);
        for _ in 0..n_instances {
            self.start(&operator).await?;
        }
        let mut lives = Lives::new(self.rng.usize(1..=4), {
            let (scene, script, mut rng) = (self.scene.clone(), self.script.clone(), self.rng.fork());
            move |gate| life(&scene, &script, gate, rng.fork())
        });
        for _ in 0..MAX_TURNS {
            lives.turn(&mut self.rng).await;
            if self.rng.u8(..) < 14 {
                self.meddle(&operator).await?;
            }
            self.scene.verdict()?;
            if !self.scene.look(Model::is_live) {
                break;
            }
        }
        Ok(())
    }

    async fn start(&mut self, operator: &Client) -> Verified {
        let key = format!("walk {}", self.rng.u8(..3));
        let ticket = self.script.ticket();
        let started = if self.rng.u8(..6) == 0 {
            operator.start(Cell { ticket }).key(key).await
        } else {
            let maze = Maze { ticket, strength: self.rng.i64(2..9), colour: 0 };
            operator.start(maze).key(key).await
        };
        match started {
            Err(StartError::Store(error)) => Err(words(error)),
            Err(error) => Err(error.to_string()),
            Ok(_) => self.scene.verdict(),
        }
    }

    /// What happens between two turns.
    async fn meddle(&mut self, operator: &Client) -> Verified {
        let (store, clock) = (self.operator(), &self.scene.clock);
        match self.rng.u8(..40) {
            0 => {
                // Somebody sets the clock back.
                let back = Duration::from_secs(self.rng.u64(1..30));
                clock.set(clock.now().saturating_sub(back).map_err(|error| error.to_string())?);
            }
            1 => self.start(operator).await?,
            2 => {
                if let Some(id) = self.any_of(InstanceStatus::Active) {
                    store.cancel(id).await.map_err(words)?;
                }
            }
            3..=5 => {
                if let Some(id) = self.any_of(InstanceStatus::Failed) {
                    let into =
                        if self.scene.look(|model| model.machine(id)) == Some("Maze") { "Rescue" } else { "Settle" };
                    let into = Some(into.to_owned()).filter(|_| self.rng.u8(..4) == 0);
                    store.retry(id, into).await.map_err(words)?;
                }
            }
            6 | 7 => operator.pause(if self.rng.bool() { "left" } else { "chosen" }).await.map_err(words)?,
            8..=11 => self.resume(operator).await?,
            12 => {
                let ended_before = clock.now().saturating_sub(Duration::from_secs(9)).map_err(|e| e.to_string())?;
                store.purge(ended_before, NonZeroU32::MAX).await.map_err(words)?;
            }
            13 => {
                if let Some(worker) = self.any_worker() {
                    store.retire(worker).await.map_err(words)?;
                }
            }
            14 | 15 => {
                if let Some(id) = self.any_of(InstanceStatus::Active) {
                    store.set_instance_paused(id, self.rng.bool()).await.map_err(words)?;
                }
            }
            _ => clock.advance(NAPS[self.rng.usize(..NAPS.len())]),
        }
        Ok(())
    }

    /// The storm is over: one process, nothing goes wrong, and everything is to come to its end.
    async fn calm(&mut self) -> Verified {
        self.script.calm();
        self.resume(&Client::new(self.operator())).await?;
        let walker = Walker::new(self.script.clone());
        let witness = Witness::of_process(self.scene.clone(), walker.slot.clone());
        let mut worker =
            StepWorker::new(Layered(witness), self.scene.clock.clone()).machines(machines::all()).service(walker);
        for _ in 0..MAX_STEPS {
            let has_stepped = worker.step().await.map_err(words)?;
            self.scene.verdict()?;
            if has_stepped {
                continue;
            }
            // What was given up in the storm gets a second chance.
            let failed = self.scene.look(|model| model.of_status(InstanceStatus::Failed));
            for id in &failed {
                self.operator().retry(*id, None).await.map_err(words)?;
            }
            if failed.is_empty() {
                let is_live = self.scene.look(Model::is_live);
                return if is_live { Err(self.lost()) } else { Ok(()) };
            }
        }
        Err(format!("there is no end to it; {}", self.lost()))
    }

    fn lost(&self) -> String {
        let left = |model: &Model| format!("nobody is given {:#?}", model.tasks.values().collect::<Vec<_>>());
        self.scene.look(left)
    }

    async fn resume(&self, operator: &Client) -> Verified {
        for queue in ["left", "chosen"] {
            operator.resume(queue).await.map_err(words)?;
        }
        for id in self.scene.look(|model| model.of_status(InstanceStatus::Active)) {
            self.operator().set_instance_paused(id, false).await.map_err(words)?;
        }
        Ok(())
    }

    fn operator(&self) -> impl Store + use<> {
        Layered(Witness::of_operator(self.scene.clone()))
    }

    fn any_of(&mut self, status: InstanceStatus) -> Option<fantasm::InstanceId> {
        let ids = self.scene.look(|model| model.of_status(status));
        if ids.is_empty() { None } else { Some(ids[self.rng.usize(..ids.len())]) }
    }

    /// One who holds a task, if somebody does: who has nothing is no loss. Not by its random identity, but by its task.
    fn any_worker(&self) -> Option<WorkerId> {
        self.scene.look(|model| model.tasks.values().find_map(|item| item.held.map(|held| held.lease.worker)))
    }
}

/// A process that takes what is due, over and over, until it dies or is told that it lost its lease.
fn life(scene: &Scene, script: &Script, gate: Gate, rng: fastrand::Rng) -> Pin<Box<dyn Future<Output = ()>>> {
    let walker = Walker::new(script.clone());
    let witness = Layered(Witness::of_process(scene.clone(), walker.slot.clone()));
    let store = FaultyStore::new(Arc::new(witness), Fate::new(gate, rng));
    let worker = StepWorker::new(store, scene.clock.clone()).machines(machines::all()).service(walker);
    Box::pin(async move {
        let mut worker = worker;
        while worker.step_due().await.is_ok() {}
    })
}

/// The past of all instances, without what a store may number as it likes.
fn told(model: &Model) -> Told {
    let mut past = Vec::new();
    for saga in &model.instances {
        past.push(format!("{} {:?} {}", saga.machine.name, saga.key, saga.status));
        for row in &saga.history {
            let (hop, token, attempt, verdict) = (&row.hop, &row.token, row.attempt, row.verdict);
            past.push(format!("{hop:?} {token:?} {attempt} {verdict:?} {}..{}", row.started_at, row.ended_at));
        }
    }
    Told { counts: Counts { n_worlds: 1, ..model.counts }, past }
}

#[expect(clippy::needless_pass_by_value, reason = "it is named as a function in `map_err`")]
fn words(error: StoreError) -> String {
    error.to_string()
}
