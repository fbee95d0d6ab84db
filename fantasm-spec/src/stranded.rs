//! Whether a stored task could be run by the machines of a file.

use std::borrow::Cow;

use crate::model::{FanIn, Machine, Spec, State, Transition};
use crate::name::EventName;

/// A task as a store has it: its way by names, each as far as it has one, and what it was made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredTask<'a> {
    /// The machine.
    pub machine: &'a str,
    /// The state it comes from.
    pub from: Option<&'a str>,
    /// The event that it follows.
    pub event: Option<&'a str>,
    /// The state that it leads to.
    pub to: Option<&'a str>,
    /// Whether it names a page, as those of a continuation do from the second on.
    pub has_token: bool,
    /// Whether it has a window in which contexts wait, as those of a fan-in do.
    pub has_window: bool,
    /// Whether its window waits for all other branches; none where it has none, or one that takes no more contexts.
    pub gathers_all: Option<bool>,
}

/// Why a task could not be run, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranded {
    /// What the machines do not have, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Spec {
    /// Finds why a task could not be run.
    ///
    /// Names are looked for as a worker does it, by `renamed_from` too. The name of an event that is a constant is not in the
    /// file, so that in a state with such an event every event passes.
    ///
    /// # Examples
    ///
    /// ```
    /// use fantasm_spec::StoredTask;
    ///
    /// let text = "state_machines: [{name: One, states: [{name: Start, initial: true, final: true}]}]";
    /// let spec = fantasm_spec::load_str("fsm.yaml", text)?.spec;
    /// let task = StoredTask { machine: "One", to: Some("Start"), ..StoredTask::default() };
    /// assert_eq!(spec.stranded(&task), None);
    /// let stranded = spec.stranded(&StoredTask { to: Some("Begin"), ..task }).expect("there is no such state");
    /// assert_eq!(stranded.message, "machine `One` has no state `Begin`");
    /// # Ok::<(), fantasm_spec::Report>(())
    /// ```
    #[must_use]
    pub fn stranded(&self, task: &StoredTask<'_>) -> Option<Stranded> {
        let Some(machine) = self.machine(task.machine) else {
            return Some(Stranded {
                message: format!("there is no machine `{}`", task.machine),
                help: renamed("machine", task.machine),
            });
        };
        let missing = |name: &&str| machine.state(name).is_none();
        if let Some(name) = task.from.iter().chain(&task.to).copied().find(missing) {
            let message = format!("machine `{}` has no state `{name}`", machine.name);
            return Some(Stranded { message, help: renamed("state", name) });
        }
        let by_kind = task.to.and_then(|to| other_kind(machine, machine.state(to)?, task));
        let by_event = || unknown_event(machine, machine.state(task.from?)?, task.event?);
        by_kind.or_else(by_event).or_else(|| lost_window(machine, task))
    }

    /// The machine that a worker takes for this name: one that has it, or else one that had it before.
    #[must_use]
    pub fn machine(&self, name: &str) -> Option<&Machine> {
        let had_it = |machine: &&Machine| machine.renamed_from.iter().any(|old| old.as_str() == name);
        let machines = &self.machines;
        machines.iter().find(|machine| machine.name.as_str() == name).or_else(|| machines.iter().find(had_it))
    }
}

impl Machine {
    /// The state that a worker takes for this name: one that has it, or else one that had it before.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&State> {
        let had_it = |state: &&State| state.renamed_from.iter().any(|old| old.as_str() == name);
        let states = &self.states;
        states.iter().find(|state| state.name.as_str() == name).or_else(|| states.iter().find(had_it))
    }
}

/// A task that was made for a state of another kind.
fn other_kind(machine: &Machine, state: &State, task: &StoredTask<'_>) -> Option<Stranded> {
    let (was, what) = match &state.fan_in {
        Some(_) if !task.has_window => ("is a fan-in", "has no window"),
        Some(FanIn { gathers_all: true, .. }) if task.gathers_all == Some(false) => {
            ("gathers all", "has an open window that gathers by time")
        }
        Some(FanIn { gathers_all: false, .. }) if task.gathers_all == Some(true) => {
            ("gathers by time", "has an open window that waits for all others")
        }
        None if task.has_window => ("is no fan-in", "has a window in which contexts wait"),
        None if task.has_token && !state.is_continuation => ("is no continuation", "names a page"),
        _ => return None,
    };
    let name = &state.name;
    Some(Stranded {
        message: format!("state `{name}` of machine `{}` {was}, and the task {what}", machine.name),
        help: format!("give the new state another name, and keep `{name}` as it was until no task of it is stored"),
    })
}

/// A window that still takes contexts, and would get none: those to come ask for it under the first names of today.
fn lost_window(machine: &Machine, task: &StoredTask<'_>) -> Option<Stranded> {
    let gathers_all = task.gathers_all?;
    let to = task.to.and_then(|name| Some(("state", name, machine.state(name)?.first_name())));
    let from = task.from.and_then(|name| Some(("state", name, machine.state(name)?.first_name())));
    let event = task.event.zip(task.from).and_then(|(name, from)| {
        let way = machine.state(from)?.transitions.iter().find(|way| way.is_called(name))?;
        Some(("event", name, way.first_name()?))
    });
    // One that gathers all is told by its state alone.
    let names = to.into_iter().chain(from.filter(|_| !gathers_all)).chain(event.filter(|_| !gathers_all));
    let (what, kept, first) = names.into_iter().find(|(_, kept, first)| kept != first)?;
    Some(Stranded {
        message: format!(
            "an open window of machine `{}` is kept under the {what} `{kept}`, which the file says was first called `{first}`",
            machine.name
        ),
        help: format!("write `{kept}` last in the `renamed_from` of the {what}: the latest first, the first name last"),
    })
}

fn unknown_event(machine: &Machine, from: &State, event: &str) -> Option<Stranded> {
    let is_it = |way: &Transition| way.constant.is_some() || way.is_called(event);
    (!from.transitions.iter().any(is_it)).then(|| Stranded {
        message: format!("state `{}` of machine `{}` has no event `{event}`", from.name, machine.name),
        help: renamed_event(event),
    })
}

impl State {
    /// The first name that it ever had, under which windows of fan-ins are kept.
    fn first_name(&self) -> &str {
        self.renamed_from.last().unwrap_or(&self.name).as_str()
    }
}

impl Transition {
    /// The first name that its event ever had; of a constant without an earlier one nobody but rustc knows it.
    fn first_name(&self) -> Option<&str> {
        let today = self.constant.is_none().then_some(&self.event);
        self.renamed_from.last().or(today).map(EventName::as_str)
    }

    /// Whether its event has this name, or had it before.
    pub(crate) fn is_called(&self, event: &str) -> bool {
        self.name() == event || self.renamed_from.iter().any(|old| old.as_str() == event)
    }

    /// The name of its event; of a constant its path, in one spelling.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        let Some(constant) = &self.constant else { return Cow::Borrowed(self.event.as_str()) };
        let root = if constant.is_absolute { "::" } else { "" };
        Cow::Owned(format!("{root}{}", constant.segments.join("::")))
    }
}

/// The advice for an event that is gone; of one that is a constant the path says nothing of what is stored.
pub(crate) fn renamed_event(event: &str) -> String {
    let earlier = if is_path(event) {
        "`renamed_from` with the text of that constant".to_owned()
    } else {
        format!("`renamed_from: {event}`")
    };
    format!(
        "write {earlier} at the transition whose event it has become, or keep a transition for `{event}` until no task that \
         follows it is stored"
    )
}

/// Whether an event is a constant, by its path; no name has such letters.
pub(crate) fn is_path(event: &str) -> bool {
    event.contains("::")
}

/// The advice for a name that is gone.
pub(crate) fn renamed(what: &str, name: &str) -> String {
    format!("write `renamed_from: {name}` at the {what} that it has become, or keep it until no instance needs it")
}
