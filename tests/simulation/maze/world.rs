//! One world: several processes, an operator, a clock, and a seed that decides everything.

use std::{pin::Pin, sync::Arc};

use fantasm::{
    WorkerId,
    store::StoreError,
    testing::{FaultyStore, ManualClock, StepWorker},
};
use fantasm_tests::{Backend, Gate, Layered, Lives};

use super::{
    defect::{Broken, Defect},
    effects::Effects,
    fate::Fate,
    machines,
    model::{Counts, Model, Verified},
    operator::Operator,
    walker::{Script, Walker},
    witness::{Scene, Witness},
};

/// How long the storm lasts, in turns of processes.
const MAX_TURNS: usize = 900;
/// How many steps may be left when it is over.
const MAX_STEPS: usize = 3_000;
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
    operator: Operator,
    clock: Arc<ManualClock>,
    rng: fastrand::Rng,
}

/// Lets the world of a seed run to its end; the error says which promise was broken.
pub(crate) async fn run(mut rng: fastrand::Rng, on: On, defect: Option<Defect>) -> Result<Told, String> {
    let clock = Arc::new(ManualClock::new());
    let backend = match on {
        On::Memory => Backend::memory(clock.clone()),
        On::Sqlite => Backend::sqlite(clock.clone()).await.map_err(words)?,
    };
    let (effects, sound) = Effects::of(&backend);
    let store = defect.map_or_else(|| Arc::clone(&sound), |defect| Broken::store(Arc::clone(&sound), defect));
    let name = WorkerId::random().to_string();
    let script = Script::new(name.clone(), rng.fork());
    let scene = Scene::new(store, clock.clone(), rng.fork());
    let operator = Operator::new(scene.clone(), script.clone(), clock.clone(), rng.fork());
    let mut world = World { scene, script, operator, clock, rng };
    world.storm().await?;
    world.calm().await?;
    world.scene.close().await?;
    world.scene.look(|model| model.check_effects(&effects.numbers(&backend, &name)))?;
    if defect.is_none() {
        backend.assert_no_work_left();
    }
    Ok(world.scene.look(told))
}

impl World {
    /// Processes live and die, and an operator meddles.
    async fn storm(&mut self) -> Verified {
        for _ in 0..self.rng.usize(1..=2) {
            self.operator.start().await?;
        }
        let mut lives = Lives::new(self.rng.usize(1..=4), {
            let (scene, script) = (self.scene.clone(), self.script.clone());
            let (clock, mut rng) = (Arc::clone(&self.clock), self.rng.fork());
            move |gate| life(&scene, &script, Arc::clone(&clock), gate, rng.fork())
        });
        for _ in 0..MAX_TURNS {
            lives.turn(&mut self.rng).await;
            if self.rng.u8(..) < 14 {
                self.operator.meddle().await?;
            }
            self.scene.verdict()?;
            if !self.scene.look(Model::is_live) {
                break;
            }
        }
        Ok(())
    }

    /// The storm is over: one process, nothing goes wrong, and everything is to come to its end.
    async fn calm(&mut self) -> Verified {
        self.script.calm();
        self.operator.resume().await?;
        let walker = Walker::new(self.script.clone());
        let witness = Witness::of_process(self.scene.clone(), walker.slots.clone(), None);
        let mut worker =
            StepWorker::new(Layered(witness), Arc::clone(&self.clock)).machines(machines::all()).service(walker);
        for _ in 0..MAX_STEPS {
            let has_stepped = worker.step().await.map_err(words)?;
            self.scene.verdict()?;
            if has_stepped {
                continue;
            }
            // What was given up in the storm gets a second chance.
            if self.operator.retry_all().await? == 0 {
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
}

/// A process that takes what is due, over and over, until it dies or is told that it lost its lease.
fn life(
    scene: &Scene,
    script: &Script,
    clock: Arc<ManualClock>,
    gate: Gate,
    mut rng: fastrand::Rng,
) -> Pin<Box<dyn Future<Output = ()>>> {
    let walker = Walker::new(script.clone());
    let labels = if rng.u8(..4) == 0 { Vec::new() } else { vec!["torch".to_owned()] };
    let witness = Layered(Witness::of_process(scene.clone(), walker.slots.clone(), Some(labels)));
    let store = FaultyStore::new(Arc::new(witness), Fate::new(gate, rng));
    let worker = StepWorker::new(store, clock).machines(machines::all()).service(walker);
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
pub(super) fn words(error: StoreError) -> String {
    error.to_string()
}
