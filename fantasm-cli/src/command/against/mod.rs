//! `fantasm check --against`: stored tasks that the machines of the files could not run.

mod misfit;
mod stored;

use std::collections::BTreeMap;
use std::io::Write;

use fantasm::Clock;
use fantasm::store::{Gathering, StoredTask};
use fantasm_spec::{Spec, Stranded};
use jiff::Timestamp;
use serde::Serialize;

use self::misfit::misfit;

/// How many instances are named for one problem.
const MAX_INSTANCES: usize = 20;

/// Tells what is stored and could not go on; answers how many kinds of it there are.
///
/// # Errors
///
/// When the database cannot be read, or the output not be written.
pub(super) fn tell(
    database: &str,
    specs: &[Spec],
    is_json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<usize> {
    let now = fantasm::SystemClock.now();
    let mut problems = BTreeMap::<Problem, Found>::new();
    stored::each_task(database, |task| {
        for why in stranded(specs, task, now) {
            problems.entry(Problem::of(task, why)).or_default().add(task);
        }
    })?;
    if is_json {
        let stranded = problems.iter().map(|(problem, found)| StrandedDocument { problem, found }).collect();
        writeln!(out, "{}", serde_json::to_string(&Document { against: database, stranded })?)?;
        return Ok(problems.len());
    }
    let told = by_message(&problems);
    for ((message, help), (found, ways)) in &told {
        writeln!(err, "error: {message}: {}\n  = by: {}\n  = help: {help}\n", found.line(), ways.join(", "))?;
    }
    Ok(told.len())
}

/// What is told once, whatever ways the tasks go: all of them, and their ways.
fn by_message(problems: &BTreeMap<Problem, Found>) -> BTreeMap<(&str, &str), (Found, Vec<String>)> {
    let mut told = BTreeMap::<_, (Found, Vec<String>)>::new();
    for (problem, found) in problems {
        let (all, ways) = told.entry((problem.message.as_str(), problem.help.as_str())).or_default();
        all.merge(found);
        ways.push(problem.way());
    }
    told
}

/// Why none of the files could run a task. The machines that fantasm brings along are in none of them.
fn stranded(specs: &[Spec], task: &StoredTask, now: Timestamp) -> Vec<Stranded> {
    if task.is_builtin() {
        return Vec::new();
    }
    let stored = fantasm_spec::StoredTask {
        machine: &task.machine,
        from: task.hop.from(),
        event: task.hop.event(),
        to: task.hop.to(),
        has_token: task.has_token,
        has_window: task.has_window,
        gathers_all: task.gathering.and_then(|gathering| gathers_all(gathering, now)),
    };
    // A machine is in one of the files; where it is in none, every file says so.
    let has_machine = |spec: &&Spec| spec.machine(&task.machine).is_some();
    let Some(spec) = specs.iter().find(has_machine).or(specs.first()) else { return Vec::new() };
    let of_context = |machine| task.contexts.iter().filter_map(move |context| misfit(machine, context));
    let misfits = spec.machine(&task.machine).into_iter().flat_map(of_context);
    spec.stranded(&stored).into_iter().chain(misfits).collect()
}

/// Whether a window waits for all others. One that is due is about to be drained, whatever it has waited for.
fn gathers_all(gathering: Gathering, now: Timestamp) -> Option<bool> {
    match gathering {
        Gathering::All => Some(true),
        Gathering::Until(run_at) => (run_at > now).then_some(false),
        _ => None,
    }
}

/// What is wrong with tasks that go one way.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Problem {
    machine: String,
    from: Option<String>,
    event: Option<String>,
    to: Option<String>,
    message: String,
    help: String,
}

impl Problem {
    fn of(task: &StoredTask, why: Stranded) -> Self {
        Self {
            machine: task.machine.clone(),
            from: task.hop.from().map(str::to_owned),
            event: task.hop.event().map(str::to_owned),
            to: task.hop.to().map(str::to_owned),
            message: why.message,
            help: why.help,
        }
    }

    /// `Load--loaded`, or the state in which tasks are that no event has brought there.
    fn way(&self) -> String {
        match (&self.from, &self.event, &self.to) {
            (Some(from), Some(event), _) => format!("`{from}--{event}`"),
            (Some(from), None, Some(to)) => format!("a failure in `{from}`, to `{to}`"),
            (_, _, Some(to)) => format!("a start in `{to}`"),
            _ => format!("tasks of `{}`", self.machine),
        }
    }
}

/// The tasks that have a problem.
#[derive(Default, Serialize)]
struct Found {
    n_tasks: u64,
    instances: Vec<i64>,
    #[serde(skip)]
    last: Option<fantasm::TaskId>,
    #[serde(skip)]
    has_more: bool,
}

impl Found {
    /// Counts a task once, whatever number of its contexts has the problem.
    fn add(&mut self, task: &StoredTask) {
        if self.last.replace(task.id) == Some(task.id) {
            return;
        }
        self.n_tasks += 1;
        self.name(task.instance.0);
    }

    /// Names an instance once, if there is room for one more.
    fn name(&mut self, instance: i64) {
        if self.instances.contains(&instance) {
            return;
        }
        if self.instances.len() < MAX_INSTANCES {
            self.instances.push(instance);
        } else {
            self.has_more = true;
        }
    }

    /// Takes in what goes another way.
    fn merge(&mut self, other: &Self) {
        self.n_tasks += other.n_tasks;
        self.has_more |= other.has_more;
        other.instances.iter().for_each(|instance| self.name(*instance));
        self.instances.sort_unstable();
    }

    /// `3 stored tasks (instances 1, 2, 7)`.
    fn line(&self) -> String {
        let instances = self.instances.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let (tasks, noun) = (
            if self.n_tasks == 1 { "task" } else { "tasks" },
            if self.instances.len() == 1 { "instance" } else { "instances" },
        );
        let more = if self.has_more { ", …" } else { "" };
        format!("{} stored {tasks} ({noun} {instances}{more})", self.n_tasks)
    }
}

/// What `--json` prints of a database.
#[derive(Serialize)]
struct Document<'a> {
    against: &'a str,
    stranded: Vec<StrandedDocument<'a>>,
}

#[derive(Serialize)]
struct StrandedDocument<'a> {
    #[serde(flatten)]
    problem: &'a Problem,
    #[serde(flatten)]
    found: &'a Found,
}
