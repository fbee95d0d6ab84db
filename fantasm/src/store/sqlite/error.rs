//! SQLite's errors in the store's words.

use rusqlite::ffi::ErrorCode;

use crate::store::{StoreError, StoreErrorKind};

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let (kind, message) = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
                StoreErrorKind::Unavailable,
                "the database file is locked by another process: let that finish, or close it",
            ),
            Some(ErrorCode::DiskFull) => (
                StoreErrorKind::Full,
                "the disk of the database file is full: free some space and go on; nothing that was committed is lost",
            ),
            Some(ErrorCode::NotADatabase) => return not_a_database().with_source(error),
            Some(ErrorCode::DatabaseCorrupt) => (
                StoreErrorKind::Unusable,
                "the database file is damaged: restore it from a backup, or save what `sqlite3 FILE .recover` reads",
            ),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => (
                StoreErrorKind::Unusable,
                "the database file cannot be opened for writing: check that its folder exists and that both are writable",
            ),
            Some(ErrorCode::SystemIoFailure) => {
                (StoreErrorKind::Unavailable, "the disk of the database file reports an error")
            }
            _ => (StoreErrorKind::Internal, "SQLite refused a statement of fantasm; please report this as a bug"),
        };
        Self::new(kind, message).with_source(error)
    }
}

pub(super) fn not_a_database() -> StoreError {
    StoreError::new(
        StoreErrorKind::Unusable,
        "the file is no SQLite database: name another file, or move this one away",
    )
}

impl StoreError {
    pub(super) fn group_failed() -> Self {
        Self::new(StoreErrorKind::Unavailable, "another write of the same group failed; try again")
    }

    /// A commit that was refused for what it holds, and holds but one step.
    pub(super) fn statement_at_commit(error: Self) -> Self {
        Self::new(
            StoreErrorKind::Statement,
            "the step's SQL was refused at the commit, by a constraint that is deferred",
        )
        .with_source(error)
    }

    /// Whether a constraint of the user's own tables was violated.
    pub(super) fn is_constraint_violation(&self) -> bool {
        self.sqlite_error().and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::ConstraintViolation)
    }

    /// The words for somebody who only looks: even who reads keeps a place in the write-ahead log, in a file beside the database.
    pub(super) fn of_a_look(self) -> Self {
        match self.sqlite_error().and_then(rusqlite::Error::sqlite_error_code) {
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => self.saying(
                "SQLite cannot write beside the database file, which it needs even to read: \
                 copy the file, with its `-wal` if there is one, to a folder where you may write",
            ),
            _ => self,
        }
    }

    fn sqlite_error(&self) -> Option<&rusqlite::Error> {
        std::error::Error::source(self).and_then(|source| source.downcast_ref())
    }

    /// Whether a process died in the middle of a write, which only a connection that may write can make good.
    pub(super) fn has_hot_journal(&self) -> bool {
        let code = self.sqlite_error().and_then(rusqlite::Error::sqlite_error).map(|error| error.extended_code);
        code == Some(rusqlite::ffi::SQLITE_READONLY_ROLLBACK) || code == Some(rusqlite::ffi::SQLITE_READONLY_RECOVERY)
    }
}
