//! How long a statement of the user's own may run: there is one writer, and everybody else waits for it.

use std::{fmt, sync::Arc, time::Duration};

use rusqlite::Connection;

use crate::{clock::Deadline, store::StoreError};

/// How many instructions of SQLite's machine run between two looks at the time: some ten microseconds.
const INSTRUCTIONS: i32 = 1000;

/// Interrupts statements of a connection that take too long.
#[derive(Debug)]
pub(super) struct TimeLimit {
    timeout: Duration,
    deadline: Arc<Deadline>,
}

impl TimeLimit {
    /// Has the connection look at the time; what it runs is limited only [while it is told to](TimeLimit::during).
    pub(super) fn on(db: &mut Connection, timeout: Duration) -> Result<Self, StoreError> {
        let deadline = Arc::new(Deadline::default());
        let limit = Self { timeout, deadline: Arc::clone(&deadline) };
        db.progress_handler(INSTRUCTIONS, Some(move || deadline.is_over()))?;
        Ok(limit)
    }

    /// Runs something that is interrupted when the time is over.
    pub(super) fn during<T>(&self, run: impl FnOnce() -> T) -> T {
        self.deadline.set(self.timeout);
        let answer = run();
        self.deadline.lift();
        answer
    }
}

/// What is said of a statement that was interrupted.
impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timeout = self.timeout;
        write!(
            f,
            "was interrupted after {timeout:?}, the store's `statement_timeout`: all other writes wait for it meanwhile"
        )
    }
}
