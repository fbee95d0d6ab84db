//! The context of a machine: its values and their types.

use crate::literal::Literal;
use crate::name::ContextFieldName;
use crate::path::RustPath;
use crate::source::Place;

/// What becomes of keys of a context that have no type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnknownKeys {
    /// They are passed over.
    #[default]
    Ignore,
    /// A context that has one cannot be read.
    Refuse,
    /// They stay in the context, in a map of their own.
    Keep,
}

impl UnknownKeys {
    /// The word of fsm.yaml.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Refuse => "refuse",
            Self::Keep => "keep",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Ignore, Self::Refuse, Self::Keep].into_iter().find(|choice| choice.as_str() == word)
    }
}

/// A declared value of the context.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ContextField {
    /// Its key.
    pub name: ContextFieldName,
    /// Its type.
    pub ty: ContextType,
    /// What it is when nothing is said of it, where that is not the default of its type.
    pub default: Option<Literal>,
    /// Whether its type could be read; false only in what was salvaged, where it then is `json`.
    pub(crate) has_readable_type: bool,
    /// Where its key is written.
    pub place: Place,
}

/// The type of a value of the context.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ContextType {
    /// `str` or `unicode`.
    Str,
    /// `int` or `long`.
    Int,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `json` or `dict`.
    Json,
    /// `datetime`.
    DateTime,
    /// `date`.
    Date,
    /// `pickle`, which only Python has; the default levels refuse it.
    Pickle,
    /// A key of Google's datastore, which only Python has; the default levels refuse it.
    DatastoreKey,
    /// `[int]` and the like: a list of one type.
    List(Box<Self>),
    /// `str?` and the like: one type, or nothing.
    Optional(Box<Self>),
    /// Any Rust type, by its path.
    Path(RustPath),
}
