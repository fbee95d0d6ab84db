//! Which lines of the log are stored with their instance.

/// Whether the log lines of a machine are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Logging {
    /// They go where the program's log goes, and nowhere else.
    #[default]
    Default,
    /// They are stored too, with the instance.
    Persistent,
}

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LogLevel {
    /// For who looks for a mistake.
    Debug,
    /// What happens.
    Info,
    /// What should not happen.
    Warning,
    /// What went wrong.
    Error,
}

impl LogLevel {
    /// Every level, the lowest first.
    pub const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warning, Self::Error];

    /// Returns the level as the file spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
