//! Two plain states with all hooks: their order, and what becomes of a halt or a failure in any of them.

use std::sync::{Arc, Mutex};

use fantasm::{
    Scratch, fsm_action,
    store::{InstanceStatus, StepVerdict},
};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, Walk,
        walk::{Begin, Context, Middle},
    },
    run::ended,
};

/// The phases that ran, and the one that goes wrong.
#[derive(Clone, Default)]
pub(crate) struct Walker {
    trace: Arc<Mutex<Vec<&'static str>>>,
    trap: Option<(&'static str, Trap)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trap {
    Halt,
    FailOnce,
}

impl Walker {
    fn trapped(phase: &'static str, trap: Trap) -> Self {
        Self { trap: Some((phase, trap)), ..Self::default() }
    }

    /// Marks the context, which counts only if the step commits.
    fn walk(&self, cx: &mut Context, phase: &'static str) -> fantasm::Result<()> {
        self.trace.lock().unwrap().push(phase);
        cx.marks += 1;
        match self.trap {
            Some((trapped, Trap::Halt)) if trapped == phase => Err(fantasm::Error::halt("far enough")),
            Some((trapped, Trap::FailOnce)) if trapped == phase && cx.attempt() == 1 => {
                Err(fantasm::Error::retryable("stumbled"))
            }
            _ => Ok(()),
        }
    }

    fn trace(&self) -> Vec<&'static str> {
        self.trace.lock().unwrap().clone()
    }
}

/// Hooks that mark, and hand on through the scratch how many hooks of their task there were.
macro_rules! hooks {
    ($($hook:ident: $phase:literal,)+) => {$(
        #[fsm_action]
        pub(crate) async fn $hook(cx: &mut Context, scratch: &mut Scratch, walker: &Walker) -> fantasm::Result<()> {
            let n_hooks: usize = scratch.take().unwrap_or(0);
            scratch.insert(n_hooks + 1);
            walker.walk(cx, $phase)
        }
    )+};
}

hooks! {
    begin_entry: "Begin.entry",
    begin_exit: "Begin.exit",
    lapped: "lap",
    gone: "go",
    middle_entry: "Middle.entry",
    middle_exit: "Middle.exit",
    end_entry: "End.entry",
    end_exit: "End.exit",
}

#[fsm_action]
pub(crate) async fn begin(cx: &mut Context, walker: &Walker) -> fantasm::Result<Begin> {
    walker.walk(cx, "Begin.action")?;
    cx.laps -= 1;
    Ok(if cx.laps >= 0 { Begin::Lap } else { Begin::Go })
}

/// Its state may end here, and goes on.
#[fsm_action]
pub(crate) async fn middle(
    cx: &mut Context,
    scratch: &mut Scratch,
    walker: &Walker,
) -> fantasm::Result<Option<Middle>> {
    walker.walk(cx, "Middle.action")?;
    assert_eq!(scratch.take(), Some(3_usize), "exit, transition and entry of the same task");
    Ok(Some(Middle::End))
}

on_every_store! {
    every_hook_runs_in_its_order
    a_transition_to_the_same_state_leaves_and_enters_it
    a_halt_in_any_hook_ends_the_instance
    a_failure_in_any_hook_runs_all_of_its_task_again
}

/// The tasks of a walk without laps, one a line.
const TASKS: [&[&str]; 4] = [
    &["Begin.entry", "Begin.action"],
    &["Begin.exit", "go", "Middle.entry", "Middle.action"],
    &["Middle.exit", "End.entry"],
    &["End.exit"],
];

/// The last state has no action, but an exit, which is a task of its own.
async fn every_hook_runs_in_its_order(world: World) {
    let walker = Walker::default();
    let mut worker = world.worker(machines::all()).service(walker.clone());
    let run = worker.client().start(Walk::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let walk: Walk = ended(&run).await.unwrap().data().unwrap();
    assert_eq!(walker.trace(), TASKS.concat());
    assert_eq!(walk.marks, 9);
    assert_eq!(run.history().await.unwrap().len(), TASKS.len());
}

async fn a_transition_to_the_same_state_leaves_and_enters_it(world: World) {
    let walker = Walker::default();
    let mut worker = world.worker(machines::all()).service(walker.clone());
    let run = worker.client().start(Walk { laps: 2, marks: 0 }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    let lap = ["Begin.exit", "lap", "Begin.entry", "Begin.action"];
    assert_eq!(walker.trace(), [TASKS[0], &lap, &lap, &TASKS[1..].concat()].concat());
}

async fn a_halt_in_any_hook_ends_the_instance(world: World) {
    let mut n_phases = 0;
    for (n_tasks, phases) in TASKS.into_iter().enumerate() {
        for phase in phases {
            n_phases += 1;
            let walker = Walker::trapped(phase, Trap::Halt);
            let mut worker = world.worker(machines::all()).service(walker.clone());
            let run = worker.client().start(Walk::default()).await.unwrap();
            worker.run_until_idle().await.unwrap();
            let instance = ended(&run).await.unwrap();
            assert_eq!((instance.status, instance.reason.as_deref()), (InstanceStatus::Halted, Some("far enough")));
            assert_eq!(walker.trace(), TASKS.concat()[..n_phases], "nothing runs after {phase}, and nothing again");
            let history = run.history().await.unwrap();
            assert_eq!(history.len(), n_tasks + 1);
            assert_eq!(history.last().map(|step| step.verdict), Some(StepVerdict::Halt));
            world.backend.assert_no_work_left();
        }
    }
}

async fn a_failure_in_any_hook_runs_all_of_its_task_again(world: World) {
    for (n, task) in TASKS.into_iter().enumerate() {
        for (n_before, phase) in task.iter().enumerate() {
            let walker = Walker::trapped(phase, Trap::FailOnce);
            let mut worker = world.worker(machines::all()).service(walker.clone());
            let run = worker.client().start(Walk::default()).await.unwrap();
            worker.run_until_idle().await.unwrap();
            let walk: Walk = ended(&run).await.unwrap().data().unwrap();
            let expected = [&TASKS[..n].concat(), &task[..=n_before], &TASKS[n..].concat()].concat();
            assert_eq!(walker.trace(), expected, "{phase} fails once");
            assert_eq!(walk.marks, 9, "what the failed attempt did to the context is gone");
        }
    }
}
