//! What actions have to say: to whoever watches the process, and where a machine asks for it to the instance's own log.

use std::{
    collections::BTreeSet,
    error::Error as StdError,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use crate::engine::{LogLevel, LogLine};

/// How long a line is at most, in bytes; the rest is cut off, and the line says so.
const MAX_LINE_BYTES: usize = 8 * 1024;

/// How many lines one attempt keeps at most; a last line says how many more there were.
const MAX_LINES: usize = 200;

/// How many tags a line has at most; more are left out.
const MAX_TAGS: usize = 20;

/// The log of one attempt at a task.
///
/// Every line goes to `tracing`. With `logging: persistent` it is also kept with the instance, when the attempt is
/// committed, whether it succeeded or failed.
///
/// ```
/// # fn example<M: fantasm::Machine>(cx: &fantasm::Context<M>, failed: std::io::Error) {
/// cx.log().info("three accounts");
/// let log = cx.log().tagged("billing").tagged("customer 7");
/// log.warning("no address");                              // with both tags
/// log.caused("the invoice was not printed", &failed);     // with the error and its causes
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Log {
    lines: Arc<Mutex<Lines>>,
    /// What all lines are about that this handle logs.
    tags: BTreeSet<String>,
    /// The lowest level that is kept.
    level: LogLevel,
}

#[derive(Debug, Default)]
struct Lines {
    kept: Vec<LogLine>,
    n_dropped: usize,
}

impl Log {
    /// A log that keeps lines of this level and above, and tells them all.
    pub(crate) fn keeping_from(level: LogLevel) -> Self {
        Self { level, ..Self::default() }
    }

    /// Says something for whoever mends the machine.
    pub fn debug(&self, message: impl fmt::Display) {
        self.log(LogLevel::Debug, message);
    }

    /// Says something for whoever watches the machine.
    pub fn info(&self, message: impl fmt::Display) {
        self.log(LogLevel::Info, message);
    }

    /// Says that something is odd.
    pub fn warning(&self, message: impl fmt::Display) {
        self.log(LogLevel::Warning, message);
    }

    /// Says that something went wrong.
    pub fn error(&self, message: impl fmt::Display) {
        self.log(LogLevel::Error, message);
    }

    /// Says that something went wrong, and what caused it: the error and its own causes, one a line.
    pub fn caused(&self, message: impl fmt::Display, error: &(dyn StdError + 'static)) {
        let mut causes = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            causes = format!("{causes}\n{error}");
            cause = error.source();
        }
        self.keep(LogLine {
            causes: Some(bounded(causes)),
            ..LogLine::new(LogLevel::Error, bounded(message.to_string()))
        });
    }

    /// Says something that matters that much.
    pub fn log(&self, level: LogLevel, message: impl fmt::Display) {
        self.keep(LogLine::new(level, bounded(message.to_string())));
    }

    /// The same log with a tag more: every line that is logged by it says what it is about.
    #[must_use]
    pub fn tagged(&self, tag: impl Into<String>) -> Self {
        let mut log = self.clone();
        if log.tags.len() < MAX_TAGS {
            log.tags.insert(bounded(tag.into()));
        }
        log
    }

    fn keep(&self, line: LogLine) {
        let line = LogLine { tags: self.tags.iter().cloned().collect(), ..line };
        tell(&line);
        if line.level < self.level {
            return;
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.kept.len() < MAX_LINES {
            lines.kept.push(line);
        } else {
            lines.n_dropped += 1;
        }
    }

    /// Takes the lines out.
    pub(crate) fn take(&self) -> Vec<LogLine> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Lines { mut kept, n_dropped } = std::mem::take(&mut *lines);
        if n_dropped > 0 {
            let message = format!("{n_dropped} more lines of this attempt were not kept");
            kept.push(LogLine::new(LogLevel::Warning, message));
        }
        kept
    }
}

/// Tells whoever watches the process.
fn tell(line: &LogLine) {
    let LogLine { level, message, tags, causes } = line;
    let (tags, causes) = ((!tags.is_empty()).then(|| tags.join(", ")), causes.as_deref());
    match level {
        LogLevel::Debug => tracing::debug!(tags, causes, "{message}"),
        LogLevel::Info => tracing::info!(tags, causes, "{message}"),
        LogLevel::Warning => tracing::warn!(tags, causes, "{message}"),
        LogLevel::Error => tracing::error!(tags, causes, "{message}"),
    }
}

/// Cuts a text to the length of a line.
pub(crate) fn bounded(mut message: String) -> String {
    if message.len() > MAX_LINE_BYTES {
        let n_bytes = message.len();
        let end = (0..=MAX_LINE_BYTES).rev().find(|end| message.is_char_boundary(*end));
        message.truncate(end.unwrap_or(0));
        message = format!("{message}… ({n_bytes} bytes)");
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_their_number_are_bounded() {
        let log = Log::default();
        (0..MAX_LINES + 2).for_each(|_| log.info("ä".repeat(MAX_LINE_BYTES)));
        let lines = log.take();
        assert_eq!(lines.len(), MAX_LINES + 1);
        assert!(lines[0].message.ends_with("ä… (16384 bytes)"), "{}", lines[0].message.len());
        assert_eq!(lines[MAX_LINES].message, "2 more lines of this attempt were not kept");
        assert!(log.take().is_empty());
    }

    #[test]
    fn tags_add_up_and_causes_are_told_in_their_order() {
        #[derive(Debug, thiserror::Error)]
        #[error("not printed")]
        struct Outer(#[source] std::io::Error);

        let log = Log::default();
        log.info("plain");
        let tagged = log.tagged("b").tagged("a").tagged("b");
        tagged.warning("odd");
        tagged.caused("broken", &Outer(std::io::Error::other("no paper")));
        let (tags, causes) = (vec!["a".to_owned(), "b".to_owned()], Some("not printed\nno paper".to_owned()));
        let expected = [
            LogLine::new(LogLevel::Info, "plain"),
            LogLine { tags: tags.clone(), ..LogLine::new(LogLevel::Warning, "odd") },
            LogLine { tags, causes, ..LogLine::new(LogLevel::Error, "broken") },
        ];
        assert_eq!(log.take(), expected);
    }
}
