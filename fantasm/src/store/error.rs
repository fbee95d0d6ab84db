//! What can go wrong with a store.

use std::{error::Error as StdError, fmt, sync::Arc};

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another worker owns the task now, or its instance has ended: stop working on it.
    LeaseLost,
    /// The store does not answer at present, or is locked by somebody else: trying again may help.
    Unavailable,
    /// The store is not what it should be: no database of fantasm, damaged, or of a newer version. It was left as it is.
    Unusable,
    /// A statement of the user's own was refused by the database as things are; nothing of its step was kept, and another
    /// attempt at the step may fare better.
    Statement,
    /// A statement of the user's own is one that the database refuses whatever happens: it is no SQL, names what is not there,
    /// or writes what a constraint forbids. Nothing of its step was kept, and another attempt would not help.
    WrongStatement,
    /// There is no room for what was to be written.
    Full,
    /// A defect of fantasm.
    Internal,
}

/// An error of a [`Store`](super::Store).
#[derive(Debug, Clone)]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// An error of that kind; the message says what, where and what to do.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// The same with the error that caused it.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: Some(Arc::from(source.into())), ..self }
    }

    pub(crate) fn statement(sql: &str, why: impl fmt::Display) -> Self {
        Self::new(StoreErrorKind::Statement, format!("the step's SQL `{sql}` {why}"))
    }

    pub(crate) fn wrong_statement(sql: &str, why: impl fmt::Display) -> Self {
        Self { kind: StoreErrorKind::WrongStatement, ..Self::statement(sql, why) }
    }

    pub(crate) fn no_answer() -> Self {
        Self::new(StoreErrorKind::Internal, "the store did not answer for every instance it was to start")
    }

    pub(crate) fn not_sealed() -> Self {
        Self::new(StoreErrorKind::Internal, "the task's window was not sealed, so nobody has seen its packages")
    }

    pub(crate) fn lease_lost() -> Self {
        Self::new(StoreErrorKind::LeaseLost, "the task was taken over or its instance has ended")
    }

    /// The same error with what it is about before its message.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn about(self, what: &dyn fmt::Display) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }

    /// The same error in other words.
    #[cfg(feature = "sqlite")]
    pub(crate) fn saying(self, message: &str) -> Self {
        Self { message: message.to_owned(), ..self }
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Unavailable | StoreErrorKind::Full)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}
