//! What a lock keeps of a machine.

use std::collections::BTreeMap;

use crate::model::{ContextType, Machine, State, Transition, UnknownKeys};

/// The shape of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The type of each value of the context.
    pub(super) context: BTreeMap<String, String>,
    /// The type of each value that the file no longer has, and stored contexts may still have.
    pub(super) gone: BTreeMap<String, String>,
    /// What becomes of values that have no type.
    pub(super) unknown_keys: UnknownKeys,
    /// The names that it had before, under which instances may still be stored; the latest first.
    pub(super) earlier_names: Vec<String>,
    pub(super) states: BTreeMap<String, StateShape>,
}

/// The shape of one state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StateShape {
    pub(super) kind: StateKind,
    /// The value of the context by which a fan-in keeps contexts apart.
    pub(super) group: Option<String>,
    /// The events, and the names that each had before, under which tasks may still be stored; the latest first.
    pub(super) events: BTreeMap<String, Vec<String>>,
    /// The names that it had before, under which tasks may still be stored; the latest first.
    pub(super) earlier_names: Vec<String>,
}

/// What kind of tasks a state has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum StateKind {
    #[default]
    Plain,
    /// Tasks that name a page.
    Continuation,
    /// Windows that are sealed by time or number, and the contexts that wait in them.
    FanIn,
    /// Windows that are sealed when every other branch has ended.
    FanInAll,
}

impl StateKind {
    pub(super) fn of(state: &State) -> Self {
        match &state.fan_in {
            Some(fan_in) if fan_in.gathers_all => Self::FanInAll,
            Some(_) => Self::FanIn,
            None if state.is_continuation => Self::Continuation,
            None => Self::Plain,
        }
    }

    /// The word before the events; a plain state has none.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Continuation => Some("continuation"),
            Self::FanIn => Some("fan_in"),
            Self::FanInAll => Some("fan_in_all"),
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        let kinds = [Self::Continuation, Self::FanIn, Self::FanInAll];
        if word == "plain" { Some(Self::Plain) } else { kinds.into_iter().find(|kind| kind.word() == Some(word)) }
    }

    /// Why tasks of this kind cannot be run by a state of another.
    pub(super) fn break_with(self, after: Self) -> Option<&'static str> {
        match (self, after) {
            (Self::Continuation, Self::Plain) => Some("was a continuation, whose tasks name a page, and is none"),
            (Self::FanIn | Self::FanInAll, Self::Plain | Self::Continuation) => {
                Some("was a fan-in, in which contexts wait, and is none")
            }
            (Self::Plain | Self::Continuation, Self::FanIn | Self::FanInAll) => {
                Some("was no fan-in, so that its tasks have no window, and is one")
            }
            (Self::FanIn, Self::FanInAll) => Some(
                "gathered by time, so that a window which is open would fire before all have come, and gathers all",
            ),
            (Self::FanInAll, Self::FanIn) => {
                Some("gathered all, so that a window which is open waits for all others, and gathers by time")
            }
            // A task that names no page is that of the first one.
            _ => None,
        }
    }
}

/// The value of the context by which a fan-in keeps contexts apart.
pub(super) fn group(state: &State) -> Option<String> {
    state.fan_in.as_ref()?.group.as_ref().map(ToString::to_string)
}

impl Shape {
    pub(super) fn of(machine: &Machine) -> Self {
        let shape = |state: &State| StateShape {
            kind: StateKind::of(state),
            group: group(state),
            events: state.transitions.iter().map(event).collect(),
            earlier_names: state.renamed_from.iter().map(ToString::to_string).collect(),
        };
        let context = machine.context_types.iter().map(|field| (field.name.to_string(), word(&field.ty)));
        Self {
            context: context.collect(),
            gone: BTreeMap::new(),
            unknown_keys: machine.unknown_keys,
            earlier_names: machine.renamed_from.iter().map(ToString::to_string).collect(),
            states: machine.states.iter().map(|state| (state.name.to_string(), shape(state))).collect(),
        }
    }
}

fn event(transition: &Transition) -> (String, Vec<String>) {
    (transition.name().into_owned(), transition.renamed_from.iter().map(ToString::to_string).collect())
}

/// A type as the author may have written it.
pub(super) fn word(ty: &ContextType) -> String {
    match ty {
        ContextType::Str => "str".to_owned(),
        ContextType::Int => "int".to_owned(),
        ContextType::Float => "float".to_owned(),
        ContextType::Bool => "bool".to_owned(),
        ContextType::Json | ContextType::Pickle | ContextType::DatastoreKey => "json".to_owned(),
        ContextType::DateTime => "datetime".to_owned(),
        ContextType::Date => "date".to_owned(),
        ContextType::List(item) => format!("[{}]", word(item)),
        ContextType::Optional(item) => format!("{}?", word(item)),
        ContextType::Path(path) => path.to_string(),
    }
}
