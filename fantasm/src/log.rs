//! What actions have to say: to whoever watches the process, and where a machine asks for it to the instance's own log.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use crate::engine::{LogLevel, LogLine};

/// How long a line is at most, in bytes; the rest is cut off, and the line says so.
const MAX_LINE_BYTES: usize = 8 * 1024;

/// How many lines one attempt keeps at most; a last line says how many more there were.
const MAX_LINES: usize = 200;

/// The log of one attempt at a task.
///
/// Every line goes to `tracing`. With `logging: persistent` it is also kept with the instance, when the attempt is
/// committed, whether it succeeded or failed.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    kept: Vec<LogLine>,
    n_dropped: usize,
}

impl Log {
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

    /// Says something that matters that much.
    pub fn log(&self, level: LogLevel, message: impl fmt::Display) {
        let message = bounded(message.to_string());
        match level {
            LogLevel::Debug => tracing::debug!("{message}"),
            LogLevel::Info => tracing::info!("{message}"),
            LogLevel::Warning => tracing::warn!("{message}"),
            LogLevel::Error => tracing::error!("{message}"),
        }
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.kept.len() < MAX_LINES {
            lines.kept.push(LogLine { level, message });
        } else {
            lines.n_dropped += 1;
        }
    }

    /// Takes the lines out.
    pub(crate) fn take(&self) -> Vec<LogLine> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Lines { mut kept, n_dropped } = std::mem::take(&mut *lines);
        if n_dropped > 0 {
            let message = format!("{n_dropped} more lines of this attempt were not kept");
            kept.push(LogLine { level: LogLevel::Warning, message });
        }
        kept
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
}
