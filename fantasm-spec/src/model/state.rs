//! One state.

use super::{StateId, Transition};
use crate::integer::Integer;
use crate::literal::Literal;
use crate::name::{ContextFieldName, StateName};
use crate::path::{ActionPath, ModulePath};
use crate::source::Place;

/// One state of a machine.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct State {
    /// Its name, unique in the machine.
    pub name: StateName,
    /// What the author says it is for, in one line.
    pub description: Option<String>,
    /// What the author has to say about it, at length.
    pub doc: Option<String>,
    /// The state that takes over when it has failed for good.
    pub on_failure: Option<StateId>,
    /// How long one attempt may take.
    pub timeout_seconds: Option<Integer>,
    /// Which of the tasks that are due goes first: its own, else the machine's.
    pub priority: i8,
    /// The names it had before, by which instances may still be stored; the latest first.
    pub renamed_from: Vec<StateName>,
    /// The values of the context that are set when an event leaves it.
    pub sets: Vec<ContextFieldName>,
    /// The values of the context that must be set when it is entered, each with its place.
    pub reads: Vec<(ContextFieldName, Place)>,
    /// Whether the author says that its action changes the world outside.
    pub has_side_effects: bool,
    /// Whether instances that failed are led to it by hand, besides the ways of the file.
    pub is_retried_from: bool,
    /// Where its own single-word actions are looked up: the state's namespace, else the machine's.
    pub namespace: Option<ModulePath>,
    /// What it does; only a final state may have none.
    pub action: Option<ActionPath>,
    /// What runs before its action.
    pub entry: Option<ActionPath>,
    /// What runs when it is left.
    pub exit: Option<ActionPath>,
    /// Whether instances start here; true of exactly one state.
    pub is_initial: bool,
    /// Whether an instance may end here.
    pub is_final: bool,
    /// Whether it is visited once per page of its input.
    pub is_continuation: bool,
    /// Seconds that the task of the next page waits.
    pub continuation_countdown: Integer,
    /// How it gathers contexts, when it does.
    pub fan_in: Option<FanIn>,
    /// `fan_in_group` as it was written, also when it says nothing.
    pub written_fan_in_group: Literal,
    /// The transitions that leave it, in file order.
    pub transitions: Vec<Transition>,
    /// Where its name is written.
    pub place: Place,
}

/// How a state gathers contexts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FanIn {
    /// How long the first context of a window waits for others, in seconds; the default levels refuse a negative one.
    /// Without meaning where it gathers all.
    pub period_seconds: Integer,
    /// How many contexts fill a window, so that it waits no longer.
    pub max_contexts: Option<Integer>,
    /// Whether the window waits until every other branch of the instance has ended, however long that takes.
    pub gathers_all: bool,
    /// The context field by whose value contexts are kept apart.
    pub group: Option<ContextFieldName>,
    /// Where the value is written.
    pub place: Place,
}
