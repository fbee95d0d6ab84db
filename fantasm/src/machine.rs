//! Machines as the generated code writes them: static tables, and the data that moves with an instance.

use std::{num::NonZeroU32, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    engine::{Closing, LogLevel},
    retry::RetryPolicy,
};

/// The typed data of a machine, generated from its `context_types`.
pub trait Machine: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// What the machine does: its states and transitions.
    const DESCRIPTOR: &'static MachineDescriptor;
}

/// A machine of fsm.yaml as a static table.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MachineDescriptor {
    /// The name, as fsm.yaml has it.
    pub name: &'static str,
    /// The queue of an instance's first task.
    pub queue: &'static str,
    /// The retry policy of an instance's first task.
    pub retry: RetryPolicy,
    /// The states, in the order of fsm.yaml.
    pub states: &'static [StateDescriptor],
    /// The index of the initial state.
    pub initial: usize,
    /// The names it had before, by which instances may still be stored; the latest first.
    pub renamed_from: &'static [&'static str],
    /// The label of the workers that run an instance's first task.
    pub target: Option<&'static str>,
    /// What starts when an instance ends.
    pub on_finish: Option<OnFinish>,
    /// Whether every attempt at a task is kept in the history.
    pub has_history: bool,
    /// Whether what actions log is kept with the instance.
    pub has_log: bool,
    /// The lowest level of what is kept then.
    pub log_level: LogLevel,
}

/// The machine that starts when an instance of another ends.
///
/// Its context is what it is told of that instance: `instance`, `machine`, `key`, `status`, `reason` and `context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnFinish {
    /// The machine.
    pub machine: &'static str,
    /// Its initial state, which is no fan-in.
    pub initial: &'static str,
    /// The queue of its first task.
    pub queue: &'static str,
    /// The label of the workers that run its first task.
    pub target: Option<&'static str>,
}

impl OnFinish {
    /// Names the machine that starts, with its initial state and its queue.
    #[must_use]
    pub const fn new(machine: &'static str, initial: &'static str, queue: &'static str) -> Self {
        Self { machine, initial, queue, target: None }
    }

    /// Leaves its first task to workers with this label.
    #[must_use]
    pub const fn target(self, label: &'static str) -> Self {
        Self { target: Some(label), ..self }
    }
}

/// A state as a static table.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateDescriptor {
    /// The name, as fsm.yaml has it.
    pub name: &'static str,
    /// The names it had before, by which tasks may still be stored; the latest first.
    pub renamed_from: &'static [&'static str],
    /// Whether a branch may end here.
    pub is_final: bool,
    /// Whether the state is visited once per page of its input.
    pub is_continuation: bool,
    /// Whether the state has an `exit`.
    pub has_exit: bool,
    /// How contexts gather before the state's action runs.
    pub fan_in: Option<FanInDescriptor>,
    /// How long the next page of a continuation waits.
    pub continuation_countdown: Duration,
    /// How long one attempt at the state's task may take.
    pub timeout: Option<Duration>,
    /// The index of the state that a branch goes on in when its task was given up here.
    pub on_failure: Option<usize>,
    /// Whether instances that failed elsewhere are led here by hand.
    pub is_retried_from: bool,
    /// The transitions out of this state.
    pub transitions: &'static [TransitionDescriptor],
}

/// How a fan-in state gathers contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FanInDescriptor {
    /// When a window is sealed.
    pub closing: Closing,
    /// The context field whose value parts the contexts into groups.
    pub group: Option<&'static str>,
}

/// A transition as a static table.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransitionDescriptor {
    /// The event that selects it.
    pub event: &'static str,
    /// The names that its event had before; tasks may still be stored under them.
    pub renamed_from: &'static [&'static str],
    /// The index of the state it leads to.
    pub to: usize,
    /// The queue of its task.
    pub queue: &'static str,
    /// How long its task waits before it may run.
    pub countdown: Countdown,
    /// How its task is retried.
    pub retry: RetryPolicy,
    /// The label of the workers that run its task.
    pub target: Option<&'static str>,
}

/// A delay: fixed, or drawn anew for each task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Countdown {
    /// Always this long.
    Fixed(Duration),
    /// Whole seconds, drawn uniformly, both ends included.
    Between {
        /// The shortest delay, in seconds.
        minimum: u64,
        /// The longest delay, in seconds.
        maximum: u64,
    },
}

impl MachineDescriptor {
    /// A machine without retry limits, on the queue `default`, that starts in the first of `states`.
    #[must_use]
    pub const fn new(name: &'static str, states: &'static [StateDescriptor]) -> Self {
        Self {
            name,
            queue: "default",
            retry: RetryPolicy::new(),
            states,
            initial: 0,
            renamed_from: &[],
            target: None,
            on_finish: None,
            has_history: true,
            has_log: false,
            log_level: LogLevel::Debug,
        }
    }

    /// Runs instances that were stored under one of these names, too; the latest stands first.
    #[must_use]
    pub const fn renamed_from(self, names: &'static [&'static str]) -> Self {
        Self { renamed_from: names, ..self }
    }

    /// Leaves first tasks to workers with this label.
    #[must_use]
    pub const fn target(self, label: &'static str) -> Self {
        Self { target: Some(label), ..self }
    }

    /// Starts another machine when an instance ends.
    #[must_use]
    pub const fn on_finish(self, next: OnFinish) -> Self {
        Self { on_finish: Some(next), ..self }
    }

    /// Keeps no history.
    #[must_use]
    pub const fn without_history(self) -> Self {
        Self { has_history: false, ..self }
    }

    /// Keeps what actions log.
    #[must_use]
    pub const fn with_log(self) -> Self {
        Self { has_log: true, ..self }
    }

    /// Keeps what actions log at this level and above.
    #[must_use]
    pub const fn with_log_from(self, level: LogLevel) -> Self {
        Self { has_log: true, log_level: level, ..self }
    }

    /// Starts in the state of this index.
    #[must_use]
    pub const fn initial(self, initial: usize) -> Self {
        Self { initial, ..self }
    }

    /// Puts first tasks on this queue.
    #[must_use]
    pub const fn queue(self, queue: &'static str) -> Self {
        Self { queue, ..self }
    }

    /// Retries first tasks by this policy.
    #[must_use]
    pub const fn retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// Whether every index of a state names one; of generated tables this is always true.
    pub(crate) const fn is_sound(&self) -> bool {
        let n_states = self.states.len();
        let mut at = 0;
        while at < n_states {
            let state = &self.states[at];
            if matches!(state.on_failure, Some(to) if to >= n_states) {
                return false;
            }
            let mut transition = 0;
            while transition < state.transitions.len() {
                if state.transitions[transition].to >= n_states {
                    return false;
                }
                transition += 1;
            }
            at += 1;
        }
        self.initial < n_states
    }

    /// Finds a state by its name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&StateDescriptor> {
        self.states.iter().find(|state| state.name == name)
    }
}

impl StateDescriptor {
    /// A plain state that is not final and leads nowhere.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            renamed_from: &[],
            is_final: false,
            is_continuation: false,
            has_exit: false,
            fan_in: None,
            continuation_countdown: Duration::ZERO,
            timeout: None,
            on_failure: None,
            is_retried_from: false,
            transitions: &[],
        }
    }

    /// Runs tasks that were stored under one of these names, too; the latest stands first.
    #[must_use]
    pub const fn renamed_from(self, names: &'static [&'static str]) -> Self {
        Self { renamed_from: names, ..self }
    }

    /// Lets a branch end here.
    #[must_use]
    pub const fn final_state(self) -> Self {
        Self { is_final: true, ..self }
    }

    /// Visits the state once per page.
    #[must_use]
    pub const fn continuation(self) -> Self {
        Self { is_continuation: true, ..self }
    }

    /// Says that the state has an exit.
    #[must_use]
    pub const fn exit(self) -> Self {
        Self { has_exit: true, ..self }
    }

    /// Gathers contexts for `seconds`, in groups by the value of the field `group`.
    #[must_use]
    pub const fn fan_in(self, seconds: u64, group: Option<&'static str>) -> Self {
        let closing = Closing::After { period: Duration::from_secs(seconds), max: None };
        Self { fan_in: Some(FanInDescriptor { closing, group }), ..self }
    }

    /// Gathers contexts for `seconds` or until there are `max`, in groups by the value of the field `group`.
    #[must_use]
    pub const fn fan_in_max(self, seconds: u64, max: u32, group: Option<&'static str>) -> Self {
        let closing = Closing::After { period: Duration::from_secs(seconds), max: NonZeroU32::new(max) };
        Self { fan_in: Some(FanInDescriptor { closing, group }), ..self }
    }

    /// Gathers contexts until every other branch of the instance has ended, in groups by the value of the field `group`.
    #[must_use]
    pub const fn fan_in_all(self, group: Option<&'static str>) -> Self {
        Self { fan_in: Some(FanInDescriptor { closing: Closing::Alone, group }), ..self }
    }

    /// Delays every page but the first by `seconds`.
    #[must_use]
    pub const fn continuation_countdown(self, seconds: u64) -> Self {
        Self { continuation_countdown: Duration::from_secs(seconds), ..self }
    }

    /// Fails an attempt that takes longer than `seconds`.
    #[must_use]
    pub const fn timeout(self, seconds: u64) -> Self {
        Self { timeout: Some(Duration::from_secs(seconds)), ..self }
    }

    /// Goes on in the state of this index when a task was given up here.
    #[must_use]
    pub const fn on_failure(self, state: usize) -> Self {
        Self { on_failure: Some(state), ..self }
    }

    /// Says that instances which failed elsewhere are led here by hand, with [`Run::retry_from`](crate::Run::retry_from).
    #[must_use]
    pub const fn retried_from(self) -> Self {
        Self { is_retried_from: true, ..self }
    }

    /// Leads on by these transitions.
    #[must_use]
    pub const fn transitions(self, transitions: &'static [TransitionDescriptor]) -> Self {
        Self { transitions, ..self }
    }

    /// Finds a transition by its event: one that has this name, or else one whose event had it before.
    #[must_use]
    pub fn transition(&self, event: &str) -> Option<&TransitionDescriptor> {
        let mut transitions = self.transitions.iter();
        let had_it = || self.transitions.iter().find(|transition| transition.renamed_from.contains(&event));
        transitions.find(|transition| transition.event == event).or_else(had_it)
    }
}

impl TransitionDescriptor {
    /// A transition on the queue `default`, without delay or retry limits.
    #[must_use]
    pub const fn new(event: &'static str, to: usize) -> Self {
        let countdown = Countdown::Fixed(Duration::ZERO);
        Self { event, renamed_from: &[], to, queue: "default", countdown, retry: RetryPolicy::new(), target: None }
    }

    /// Goes for tasks that follow an event of one of these names, too; the latest stands first.
    #[must_use]
    pub const fn renamed_from(self, names: &'static [&'static str]) -> Self {
        Self { renamed_from: names, ..self }
    }

    /// Puts its task on this queue.
    #[must_use]
    pub const fn queue(self, queue: &'static str) -> Self {
        Self { queue, ..self }
    }

    /// Leaves its task to workers with this label.
    #[must_use]
    pub const fn target(self, label: &'static str) -> Self {
        Self { target: Some(label), ..self }
    }

    /// Delays its task.
    #[must_use]
    pub const fn countdown(self, countdown: Countdown) -> Self {
        Self { countdown, ..self }
    }

    /// Retries its task by this policy.
    #[must_use]
    pub const fn retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }
}
