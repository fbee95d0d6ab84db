//! Opening the file, without touching one that is not ours to touch.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::migrate;
use crate::store::{StoreError, StoreErrorKind};

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the file for writing, with its schema up to date.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        look(path)?;
        let mut connection = Connection::open_with_flags(
            path,
            flags(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE),
        )?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        use_wal(&connection)?;
        migrate::migrate(&mut connection)?;
        Ok(connection)
    };
    open().map_err(|error: StoreError| in_file(path, error))
}

/// Opens one more connection for reading a file that [`open`] has opened before.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_ONLY))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Reads the schema's version through a connection that cannot write, so that a file we refuse stays as it is.
fn look(path: &Path) -> Result<(), StoreError> {
    if path.try_exists().unwrap_or(false) {
        migrate::check(&open_reader(path)?)?;
    }
    Ok(())
}

fn use_wal(connection: &Connection) -> Result<(), StoreError> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        let message =
            format!("SQLite cannot use a write-ahead log for this file (it says `{mode}`): put it on a local disk");
        return Err(StoreError::new(StoreErrorKind::Unusable, message));
    }
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(())
}

/// One connection is used by one thread at a time, so SQLite need not lock it.
fn flags(access: OpenFlags) -> OpenFlags {
    access | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Says which file an error is about.
fn in_file(path: &Path, error: StoreError) -> StoreError {
    let message = format!("{}: {error}", path.display());
    StoreError::new(error.kind(), message).with_source(error)
}
