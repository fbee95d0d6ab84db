//! The error of user code: what an action failed with, and what that asks of the engine.

use std::{error::Error as StdError, fmt};

use crate::engine::LogLevel;

/// What the engine is to do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The task is tried again by its retry policy.
    Retryable,
    /// Trying again cannot help: the task fails at once and is kept with its error.
    Permanent,
    /// Nothing went wrong, but the instance is to end here, quietly.
    Halt,
}

/// Why an action did not answer.
///
/// Every [`std::error::Error`] turns into a retryable one with `?`. Say otherwise with [`Error::permanent`] or
/// [`Error::halt`].
///
/// ```
/// # use fantasm::{Error, ErrorKind};
/// fn parse(text: &str) -> fantasm::Result<i64> {
///     text.parse::<i64>().map_err(Error::permanent)      // this text will never parse
/// }
/// assert_eq!(parse("7").unwrap(), 7);
/// assert_eq!(parse("x").unwrap_err().kind(), ErrorKind::Permanent);
/// ```
///
/// Like `anyhow::Error` it is no `std::error::Error` itself: that is what lets `?` take any.
pub struct Error {
    kind: ErrorKind,
    level: Option<LogLevel>,
    source: Box<dyn StdError + Send + Sync>,
}

/// A result whose error is [`Error`] unless said otherwise.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error that a later attempt may not meet.
    pub fn retryable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: ErrorKind::Retryable, level: None, source: source.into() }
    }

    /// An error that every later attempt would meet again.
    pub fn permanent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: ErrorKind::Permanent, level: None, source: source.into() }
    }

    /// Ends the instance, with a reason that is kept with it and logged as a warning.
    pub fn halt(reason: impl Into<String>) -> Self {
        Self::halt_at(LogLevel::Warning, reason)
    }

    /// The same with a reason that matters so much to whoever reads the log: at no level, or empty, it is not logged.
    ///
    /// ```
    /// use fantasm::{Error, LogLevel};
    ///
    /// let usual = Error::halt_at(LogLevel::Info, "nobody has subscribed");
    /// let quiet = Error::halt_at(None, "nobody has subscribed");
    /// assert_eq!(usual.kind(), quiet.kind());
    /// ```
    pub fn halt_at(level: impl Into<Option<LogLevel>>, reason: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Halt, level: level.into(), source: reason.into().into() }
    }

    /// What the engine is to do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// How much the reason of a halt matters; nothing for errors, which the engine logs as it handles them.
    pub(crate) fn level(&self) -> Option<LogLevel> {
        self.level
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        Self::retryable(source)
    }
}

/// The error that it was made of, for those who take any: [`Log::caused`](crate::Log::caused) for one.
impl AsRef<dyn StdError + 'static> for Error {
    fn as_ref(&self) -> &(dyn StdError + 'static) {
        &*self.source
    }
}

/// The error and its causes on one line, as it is stored with a failed task.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// What `main` prints when it returns this error.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_on_one_line() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot read the page")]
        struct Outer(#[source] std::io::Error);

        let error = Error::from(Outer(std::io::Error::other("disk gone")));
        assert_eq!(error.to_string(), "cannot read the page: disk gone");
        assert_eq!(error.kind(), ErrorKind::Retryable);
    }
}
