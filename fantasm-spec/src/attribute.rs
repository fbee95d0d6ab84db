//! The attributes of the language: one table for the reader, for editors and for the guide.

use Kind::{
    ActionPath, Any, ContextTypes, Countdown, Derives, Event, FanIn, Integer, Lints, List, LogLevel, Logging,
    ModulePath, Name, Names, Number, Queues, Text, Truth, UnknownKeys, Values,
};

/// An attribute of fsm.yaml.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attribute {
    /// Its key.
    pub name: &'static str,
    /// What has it.
    pub owner: Owner,
    /// The first edition of the language that has it.
    pub edition: u8,
    /// What stands behind the key.
    pub kind: Kind,
    /// What it says, in one sentence.
    pub description: &'static str,
}

/// What has attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Owner {
    /// The file itself.
    File,
    /// An item of `state_machines`.
    Machine,
    /// An item of `states`.
    State,
    /// An item of `transitions`.
    Transition,
}

/// What stands behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The name of a machine, a state or an event.
    Name,
    /// One such name, or a list of them.
    Names,
    /// The name of an event, or the path of a constant that has it.
    Event,
    /// A text; what is no text is taken as it is spelt.
    Text,
    /// `true` or `false`.
    Truth,
    /// A whole number, as Python reads one.
    Integer,
    /// A whole number between two others, both included.
    Number(i64, i64),
    /// The path of an action.
    ActionPath,
    /// The path of a module.
    ModulePath,
    /// A number of seconds, or a range of them.
    Countdown,
    /// A number of seconds; in the second edition also a range, or `all`.
    FanIn,
    /// `default` or `persistent`.
    Logging,
    /// `debug`, `info`, `warning` or `error`.
    LogLevel,
    /// A mapping from keys to types.
    ContextTypes,
    /// A list of keys of `context_types`.
    Values,
    /// A list of traits: those of Rust by their names, others by their paths.
    Derives,
    /// `ignore`, `refuse` or `keep`.
    UnknownKeys,
    /// A list of what has attributes itself.
    List(Owner),
    /// A list of queues.
    Queues,
    /// A mapping from codes of rules to levels.
    Lints,
    /// Anything: what is wrong with it cannot be told without the rest of the file.
    Any,
}

/// Returns all attributes of the language, those of an owner in the order in which one writes them.
#[must_use]
pub fn attributes() -> &'static [Attribute] {
    ATTRIBUTES
}

const fn attribute(owner: Owner, name: &'static str, edition: u8, kind: Kind, description: &'static str) -> Attribute {
    Attribute { name, owner, edition, kind, description }
}

const LARGEST: i64 = u32::MAX as i64;

#[rustfmt::skip]
const ATTRIBUTES: &[Attribute] = &[
    attribute(Owner::File, "state_machines", 1, List(Owner::Machine), "The machines, and imports of files that have more."),
    attribute(Owner::File, "root_url", 1, Text, "The path below which the machines are reached over HTTP; `/fantasm/` by default."),
    attribute(Owner::File, "edition", 1, Number(1, 2), "The edition of the language; 1 is that of Fantasm (Python)."),
    attribute(Owner::File, "lints", 1, Lints, "The levels of rules: `allow`, `warn` or `deny`."),
    attribute(Owner::File, "enable_capabilities_check", 1, Any, "Without effect; accepted in files of Fantasm (Python)."),
    attribute(Owner::File, "queues", 2, Queues, "The queues and their limits."),

    attribute(Owner::Machine, "name", 1, Name, "The name by which it is started."),
    attribute(Owner::Machine, "namespace", 1, ModulePath, "The module in which single-word actions are looked up."),
    attribute(Owner::Machine, "queue", 1, Text, "The queue of its tasks; `default` by default."),
    attribute(Owner::Machine, "target", 1, Text, "The label of the workers that run its tasks."),
    attribute(Owner::Machine, "countdown", 1, Any, "How long its tasks wait: seconds, or a minimum and a maximum."),
    attribute(Owner::Machine, "logging", 1, Logging, "Whether its log lines are stored."),
    attribute(Owner::Machine, "use_run_once_semaphore", 1, Truth, "Without effect: a step is always committed once."),
    attribute(Owner::Machine, "task_retry_limit", 1, Integer, "How many retries follow the first attempt of a task."),
    attribute(Owner::Machine, "max_retries", 1, Integer, "The old name of `task_retry_limit`."),
    attribute(Owner::Machine, "min_backoff_seconds", 1, Integer, "The shortest wait before a retry."),
    attribute(Owner::Machine, "max_backoff_seconds", 1, Integer, "The longest wait before a retry."),
    attribute(Owner::Machine, "task_age_limit", 1, Integer, "How old, in seconds, a task may grow before it is given up."),
    attribute(Owner::Machine, "max_doublings", 1, Integer, "How often the wait doubles before it grows by equal parts."),
    attribute(Owner::Machine, "context_types", 1, ContextTypes, "The types of the values in its context."),
    attribute(Owner::Machine, "states", 1, List(Owner::State), "Its states."),
    attribute(Owner::Machine, "description", 2, Text, "What it is for, in one line."),
    attribute(Owner::Machine, "doc", 2, Text, "What there is to say about it, at length."),
    attribute(Owner::Machine, "schedule", 2, Text, "When an instance starts by itself: the five fields of cron."),
    attribute(Owner::Machine, "priority", 2, Number(-100, 100), "Which of the tasks that are due goes first: the larger one."),
    attribute(Owner::Machine, "unknown_keys", 2, UnknownKeys, "What becomes of keys of the context that have no type: `ignore`, `refuse` or `keep`."),
    attribute(Owner::Machine, "derive", 2, Derives, "More traits that the struct of its context derives."),
    attribute(Owner::Machine, "starts_with", 2, Values, "The values of the context that every start gives."),
    attribute(Owner::Machine, "on_finish", 2, Name, "The machine that is started when an instance has ended."),
    attribute(Owner::Machine, "history", 2, Truth, "Whether every attempt at its tasks is kept; true by default."),
    attribute(Owner::Machine, "log_level", 2, LogLevel, "The lowest level of the log lines that are stored: `debug`, `info`, `warning` or `error`."),
    attribute(Owner::Machine, "renamed_from", 2, Names, "The name it had before; where there were several, a list of them, the latest first."),

    attribute(Owner::State, "name", 1, Name, "The name by which transitions lead to it."),
    attribute(Owner::State, "namespace", 1, ModulePath, "The module in which its single-word actions are looked up."),
    attribute(Owner::State, "action", 1, ActionPath, "What it does; its answer is the event that leads on."),
    attribute(Owner::State, "entry", 1, ActionPath, "What runs before its action."),
    attribute(Owner::State, "exit", 1, ActionPath, "What runs when it is left."),
    attribute(Owner::State, "initial", 1, Truth, "Whether instances start here."),
    attribute(Owner::State, "final", 1, Truth, "Whether instances may end here."),
    attribute(Owner::State, "continuation", 1, Truth, "Whether it is visited once per page of its input."),
    attribute(Owner::State, "continuation_countdown", 1, Integer, "How long the task of the next page waits, in seconds."),
    attribute(Owner::State, "fan_in", 1, FanIn, "How long it gathers contexts, in seconds."),
    attribute(Owner::State, "fan_in_group", 1, Any, "The context field by whose value contexts are kept apart."),
    attribute(Owner::State, "transitions", 1, List(Owner::Transition), "Where its events lead."),
    attribute(Owner::State, "description", 2, Text, "What it is for, in one line."),
    attribute(Owner::State, "doc", 2, Text, "What there is to say about it, at length."),
    attribute(Owner::State, "on_failure", 2, Name, "The state that takes over when it has failed for good."),
    attribute(Owner::State, "timeout_seconds", 2, Number(1, LARGEST), "How long one attempt may take."),
    attribute(Owner::State, "priority", 2, Number(-100, 100), "Which of the tasks that are due goes first; by default its machine's."),
    attribute(Owner::State, "renamed_from", 2, Names, "The name it had before; where there were several, a list of them, the latest first."),
    attribute(Owner::State, "sets", 2, Values, "The values of the context that are set when an event leaves it."),
    attribute(Owner::State, "reads", 2, Values, "The values of the context that must be set when it is entered."),
    attribute(Owner::State, "retry_from", 2, Truth, "Whether instances that failed are led to it by hand, so that no way of the file need lead to it."),
    attribute(Owner::State, "side_effects", 2, Truth, "Whether its action changes the world outside."),

    attribute(Owner::Transition, "event", 1, Event, "The answer of the action that selects it, or the path of a constant that has it."),
    attribute(Owner::Transition, "to", 1, Name, "The state it leads to."),
    attribute(Owner::Transition, "action", 1, ActionPath, "What runs on the way."),
    attribute(Owner::Transition, "namespace", 1, ModulePath, "The module in which its single-word action is looked up."),
    attribute(Owner::Transition, "queue", 1, Text, "The queue of its task; by default its machine's."),
    attribute(Owner::Transition, "target", 1, Text, "The label of the workers that run its task; by default its machine's."),
    attribute(Owner::Transition, "countdown", 1, Countdown, "How long its task waits; by default its machine's."),
    attribute(Owner::Transition, "task_retry_limit", 1, Integer, "How many retries follow; by default its machine's."),
    attribute(Owner::Transition, "max_retries", 1, Integer, "The old name of `task_retry_limit`."),
    attribute(Owner::Transition, "min_backoff_seconds", 1, Integer, "The shortest wait before a retry; by default its machine's."),
    attribute(Owner::Transition, "max_backoff_seconds", 1, Integer, "The longest wait before a retry; by default its machine's."),
    attribute(Owner::Transition, "task_age_limit", 1, Integer, "How old its task may grow; by default its machine's."),
    attribute(Owner::Transition, "max_doublings", 1, Integer, "How often the wait doubles; by default its machine's."),
    attribute(Owner::Transition, "description", 2, Text, "What it is for, in one line."),
    attribute(Owner::Transition, "renamed_from", 2, Names, "The name that its event had before; where there were several, a list of them, the latest first."),
];
