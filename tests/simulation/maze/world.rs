//! One world: several processes, an operator, a clock, and a seed that decides everything.

use std::{pin::Pin, sync::Arc};

use fantasm::{
    store::StoreError,
    testing::{FaultyStore, ManualClock, StepWorker},
};
use fantasm_tests::{Backend, Gate, Layered, Lives, Seed};

use super::{
    defect::{Broken, Defect},
    fate::Fate,
    ground::Ground,
    machines,
    model::{Counts, Model, Saga, Verified},
    operator::{Operator, Time},
    walker::{Script, Walker},
    witness::{Scene, Witness},
};

/// How long the storm lasts, in turns of processes.
const MAX_TURNS: usize = 900;
/// How many steps may be left when it is over.
const MAX_STEPS: usize = 3_000;
/// A world that has ended well: how much has happened, and what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) counts: Counts,
    pub(crate) past: Vec<String>,
}

struct World {
    scene: Scene,
    defect: Option<Defect>,
    script: Script,
    operator: Operator,
    clock: Arc<ManualClock>,
    rng: fastrand::Rng,
}

/// Lets the world of a seed run to its end; the error says which promise was broken.
pub(crate) async fn run(rng: fastrand::Rng, ground: &Ground, defect: Option<Defect>) -> Result<Told, String> {
    run_through(&[], rng, ground, defect).await
}

/// The same where nobody goes other ways than these, if there are any.
pub(crate) async fn run_through(
    rooms: &[&str],
    mut rng: fastrand::Rng,
    ground: &Ground,
    defect: Option<Defect>,
) -> Result<Told, String> {
    let clock = Arc::clone(&ground.clock);
    let store = Broken::store(ground.store(), defect);
    let script = Script::new(ground.name.clone(), rng.fork()).haunting(rooms);
    let scene = Scene::new(store, clock.clone(), rng.fork());
    let operator = Operator::new(scene.clone(), script.clone(), Time::Manual(clock.clone()), rng.fork());
    let mut world = World { scene, defect, script, operator, clock, rng };
    world.storm().await?;
    world.calm().await?;
    world.scene.close().await?;
    world.scene.look(|model| model.check_effects(&ground.effects()))?;
    if defect.is_none() {
        ground.backend.assert_no_work_left();
    }
    Ok(world.scene.look(Told::of))
}

impl World {
    /// Processes live and die, and an operator meddles.
    async fn storm(&mut self) -> Verified {
        for _ in 0..self.rng.usize(1..=2) {
            self.operator.start().await?;
        }
        let mut lives = Lives::new(self.rng.usize(1..=4), {
            let (scene, script) = (self.scene.clone(), self.script.clone());
            let (clock, mut rng, defect) = (Arc::clone(&self.clock), self.rng.fork(), self.defect);
            move |gate| life(&scene, defect, &script, Arc::clone(&clock), gate, rng.fork())
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
        let store = Broken::worker(Arc::new(Layered(witness)), self.defect);
        let mut worker = StepWorker::new(store, Arc::clone(&self.clock)).machines(machines::all()).service(walker);
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
    defect: Option<Defect>,
    script: &Script,
    clock: Arc<ManualClock>,
    gate: Gate,
    mut rng: fastrand::Rng,
) -> Pin<Box<dyn Future<Output = ()>>> {
    let walker = Walker::new(script.clone());
    let labels = if rng.u8(..4) == 0 { Vec::new() } else { vec!["torch".to_owned()] };
    let witness = Layered(Witness::of_process(scene.clone(), walker.slots.clone(), Some(labels)));
    let store = FaultyStore::new(Broken::worker(Arc::new(witness), defect), Fate::new(gate, rng));
    let worker = StepWorker::new(store, clock).machines(machines::all()).service(walker);
    Box::pin(async move {
        let mut worker = worker;
        while worker.step_due().await.is_ok() {}
    })
}

impl Told {
    fn of(model: &Model) -> Self {
        let end = |(at, saga): (usize, &Saga)| {
            format!("{at} {} {:?} {} at {:?}", saga.machine.name, saga.key, saga.status, saga.ended_at)
        };
        let ends = model.instances.iter().enumerate().map(end);
        Self { counts: Counts { n_worlds: 1, ..model.counts }, past: model.past.iter().cloned().chain(ends).collect() }
    }

    /// Fails unless the other is the same, and says where they part.
    pub(crate) fn assert_is(&self, other: &Self, seed: &Seed, backend: &Backend) {
        let parts = self.past.iter().zip(&other.past).position(|(one, other)| one != other);
        let until = |past: &[String], at: usize| past[at.saturating_sub(5)..=at].join("\n  ");
        if let Some(at) = parts {
            panic!(
                "on {backend} the world of seed {seed} goes another way than in memory:\n  {}\nand in memory:\n  {}",
                until(&self.past, at),
                until(&other.past, at)
            );
        }
        assert_eq!(self, other, "the world of seed {seed} on {backend}, and in memory");
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is named as a function in `map_err`")]
pub(super) fn words(error: StoreError) -> String {
    error.to_string()
}
