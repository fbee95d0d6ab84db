//! Opening the file, without touching one that is not ours to touch.

use std::{fs, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{error, migrate};
use crate::store::{StoreError, StoreErrorKind};

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long we wait where SQLite does not.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// How many statements are kept prepared: more than there are, as one that is not kept is parsed anew at every step.
const STATEMENTS: usize = 64;

/// The bytes of the smallest page, of which a database has at least one
/// ([file format](https://www.sqlite.org/fileformat.html#page_size)).
const MIN_PAGE: u64 = 512;

/// Opens the file for writing, with its schema up to date.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        look(path)?;
        let mut connection = Connection::open_with_flags(
            path,
            flags(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE),
        )?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
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

/// Opens a file that is a store already, without changing it.
pub(super) fn only_to_look(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        if !path.is_file() {
            return Err(StoreError::new(StoreErrorKind::Unusable, "there is no such file"));
        }
        look(path)?;
        let connection = open_reader(path)?;
        if migrate::check(&connection)? == 0 {
            return Err(StoreError::new(StoreErrorKind::Unusable, "no store was ever opened in this file"));
        }
        Ok(connection)
    };
    open().map_err(|error: StoreError| in_file(path, error.of_a_look()))
}

/// Reads the schema's version through a connection that cannot write, so that a file we refuse stays as it is.
fn look(path: &Path) -> Result<(), StoreError> {
    // What is wrong with a path that leads nowhere is SQLite's to say.
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    if metadata.is_dir() {
        return Err(StoreError::new(StoreErrorKind::Unusable, "this is a folder: name a file in it"));
    }
    // SQLite takes a file of one byte for an empty database, and would write over it. It must not be us who opens the
    // file to see: closing it again would drop the locks that SQLite holds for other connections of this process.
    match metadata.len() {
        0 => Ok(()),
        1..MIN_PAGE => Err(error::not_a_database()),
        _ => check(path),
    }
}

/// Checks the version for reading only; where a process died in the middle of a write, SQLite has to be let roll that back
/// first, which it does for whoever may write.
fn check(path: &Path) -> Result<(), StoreError> {
    let connection = open_reader(path)?;
    match migrate::check(&connection) {
        Err(error) if error.has_hot_journal() => {
            let connection = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            migrate::check(&connection).map(drop)
        }
        checked => checked.map(drop),
    }
}

/// Turns the write-ahead log on. Where another process does the same SQLite gives up at once, lest both wait for each
/// other, so we ask again ourselves.
fn use_wal(connection: &Connection) -> Result<(), StoreError> {
    let ask = || -> rusqlite::Result<String> {
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
    };
    connection.busy_timeout(Duration::ZERO)?;
    let mut patience = BUSY_TIMEOUT;
    let mode = loop {
        match ask() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && !patience.is_zero() => {
                std::thread::sleep(BUSY_PAUSE);
                patience = patience.saturating_sub(BUSY_PAUSE);
            }
            mode => break mode?,
        }
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
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
    error.about(&path.display())
}
