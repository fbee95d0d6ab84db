//! What the author wrote: every value with its place, nothing resolved, nothing filled in.

use crate::integer::Integer;
use crate::literal::Literal;
use crate::logging::{LogLevel, Logging};
use crate::model::{Rate, UnknownKeys};
use crate::source::{Span, Spanned};
use crate::yaml::Node;

/// What stands behind a key.
///
/// A value that cannot be read has been reported already, so that rules about it stay silent; a value that is absent may
/// be missed by them.
#[derive(Clone, Debug, Default)]
pub(crate) enum Field<T> {
    #[default]
    Absent,
    Invalid,
    Given(Spanned<T>),
}

impl<T> Field<T> {
    pub(crate) fn given(&self) -> Option<&Spanned<T>> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Invalid => None,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// This value, or the one it inherits when there is none.
    pub(crate) fn or<'a>(&'a self, inherited: &'a Self) -> &'a Self {
        if self.is_absent() { inherited } else { self }
    }
}

impl<T: Default + Clone> Field<T> {
    /// The value, or the default of its type.
    pub(crate) fn or_default(&self) -> T {
        self.given().map(|value| value.value.clone()).unwrap_or_default()
    }
}

impl Field<bool> {
    pub(crate) fn is_true(&self) -> bool {
        self.given().is_some_and(|value| value.value)
    }
}

/// One file, its imports not yet read.
#[derive(Debug)]
pub(crate) struct File {
    /// The value and the place of the key.
    pub(crate) root_url: Field<String>,
    pub(crate) root_url_key: Option<Span>,
    pub(crate) capabilities_key: Option<Span>,
    pub(crate) lints_key: Option<Span>,
    pub(crate) queues_key: Option<Span>,
    /// The queues it lists; `None` when it does not say which there are.
    pub(crate) queues: Option<Vec<Queue>>,
    pub(crate) items: Vec<Item>,
}

/// One item of `state_machines`.
#[derive(Debug)]
pub(crate) enum Item {
    Machine(Box<Machine>),
    Import(Spanned<String>),
}

/// One queue and its limits.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: Field<String>,
    pub(crate) rate: Field<Rate>,
    pub(crate) bucket_size: Field<Integer>,
    pub(crate) max_concurrent_requests: Field<Integer>,
    pub(crate) retry: Retry,
    pub(crate) target: Field<String>,
}

#[derive(Debug)]
pub(crate) struct Machine {
    /// The first key, where a missing attribute is missed.
    pub(crate) span: Span,
    pub(crate) name: Field<String>,
    pub(crate) description: Field<String>,
    pub(crate) doc: Field<String>,
    pub(crate) schedule: Field<String>,
    pub(crate) priority: Field<Integer>,
    pub(crate) renamed_from: Vec<Spanned<String>>,
    pub(crate) on_finish: Field<String>,
    pub(crate) history: Field<bool>,
    pub(crate) namespace: Field<Option<Path>>,
    pub(crate) queue: Field<String>,
    pub(crate) target: Field<String>,
    /// Read only where a transition inherits it, as Fantasm does.
    pub(crate) countdown: Field<Countdown>,
    pub(crate) written_countdown: Option<Node>,
    pub(crate) retry: Retry,
    pub(crate) logging: Field<Logging>,
    pub(crate) log_level: Field<LogLevel>,
    pub(crate) use_run_once_semaphore: Field<bool>,
    pub(crate) context_types: Vec<ContextField>,
    pub(crate) unknown_keys: Field<UnknownKeys>,
    pub(crate) derive: Vec<Path>,
    pub(crate) starts_with: Vec<Spanned<String>>,
    pub(crate) states: Vec<State>,
    /// Whether every item of `states` could be read; when not, nothing is said of states that seem to be missing.
    pub(crate) has_all_states: bool,
    /// Whether nothing is wrong with it by itself, whatever there may be elsewhere in the file.
    pub(crate) is_sound: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Retry {
    pub(crate) task_retry_limit: Field<Integer>,
    /// The old name of `task_retry_limit`, and the place of its key.
    pub(crate) max_retries: Field<Integer>,
    pub(crate) task_retry_limit_key: Option<Span>,
    pub(crate) max_retries_key: Option<Span>,
    pub(crate) min_backoff_seconds: Field<Integer>,
    pub(crate) max_backoff_seconds: Field<Integer>,
    pub(crate) task_age_limit: Field<Integer>,
    pub(crate) max_doublings: Field<Integer>,
}

#[derive(Debug)]
pub(crate) struct ContextField {
    pub(crate) name: Spanned<String>,
    pub(crate) ty: Field<ContextType>,
    pub(crate) default: Option<Literal>,
}

/// A context type whose path, if it is one, is not resolved.
#[derive(Clone, Debug)]
pub(crate) enum ContextType {
    Str,
    Int,
    Float,
    Bool,
    Json,
    DateTime,
    Date,
    Pickle,
    DatastoreKey,
    List(Box<Self>),
    Optional(Box<Self>),
    Path(Path),
}

/// A path as it was written, cut into segments that are Rust identifiers.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) is_absolute: bool,
    pub(crate) written: String,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct State {
    /// The first key, where a missing attribute is missed.
    pub(crate) span: Span,
    pub(crate) name: Field<String>,
    pub(crate) description: Field<String>,
    pub(crate) doc: Field<String>,
    pub(crate) on_failure: Field<String>,
    pub(crate) timeout_seconds: Field<Integer>,
    pub(crate) priority: Field<Integer>,
    pub(crate) renamed_from: Vec<Spanned<String>>,
    pub(crate) sets: Vec<Spanned<String>>,
    pub(crate) reads: Vec<Spanned<String>>,
    pub(crate) side_effects: Field<bool>,
    pub(crate) retry_from: Field<bool>,
    pub(crate) namespace: Field<Option<Path>>,
    pub(crate) action: Field<Path>,
    pub(crate) entry: Field<Path>,
    pub(crate) exit: Field<Path>,
    pub(crate) initial: Field<bool>,
    pub(crate) is_final: Field<bool>,
    pub(crate) continuation: Field<bool>,
    pub(crate) continuation_countdown: Field<Integer>,
    pub(crate) fan_in: Field<FanIn>,
    pub(crate) fan_in_group: Option<Node>,
    pub(crate) transitions: Vec<Transition>,
}

/// When the window of a fan-in is sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FanIn {
    /// So many seconds after its first context, or as soon as it holds so many.
    After { seconds: Integer, max: Option<Integer> },
    /// When every other branch of the instance has ended.
    All,
}

#[derive(Debug)]
pub(crate) struct Transition {
    /// The first key, where a missing attribute is missed.
    pub(crate) span: Span,
    /// The text, or the path of a constant as it is written.
    pub(crate) event: Field<String>,
    /// The constant, when the event is the path of one.
    pub(crate) constant: Option<Path>,
    pub(crate) renamed_from: Vec<Spanned<String>>,
    pub(crate) description: Field<String>,
    pub(crate) to: Field<String>,
    pub(crate) action: Field<Path>,
    pub(crate) namespace: Field<Option<Path>>,
    pub(crate) queue: Field<String>,
    pub(crate) target: Field<String>,
    pub(crate) countdown: Field<Countdown>,
    pub(crate) retry: Retry,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Countdown {
    Fixed(Integer),
    Between { minimum: Integer, maximum: Integer },
}

impl Countdown {
    pub(crate) fn is_zero(self) -> bool {
        matches!(self, Self::Fixed(seconds) if seconds.get() == 0)
    }
}
