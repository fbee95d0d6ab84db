//! Files that the store does not take: each is told clearly, and stays as it was.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use fantasm::store::{SqliteStore, Store, StoreError, StoreErrorKind};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{open, start};

#[tokio::test]
async fn a_file_of_another_kind() {
    for text in ["x", "hello\n", &"no database, but long enough to be one. ".repeat(1000)] {
        check(
            |path| fs::write(path, text).unwrap(),
            StoreErrorKind::Unusable,
            "the file is no SQLite database: name another file, or move this one away",
        )
        .await;
    }
}

#[tokio::test]
async fn a_damaged_file() {
    check(
        |path| {
            let db = Connection::open(path).unwrap();
            db.execute_batch("CREATE TABLE fantasm_schema (version INTEGER NOT NULL) STRICT").unwrap();
            drop(db);
            let mut bytes = fs::read(path).unwrap();
            // The header stays; the page that lists the tables does not.
            bytes[100..4096].fill(0xff);
            fs::write(path, bytes).unwrap();
        },
        StoreErrorKind::Unusable,
        DAMAGED,
    )
    .await;
}

/// Damage that nobody sees before the damaged page is needed.
#[tokio::test]
async fn a_file_that_is_damaged_where_nobody_has_looked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).await.unwrap();
    let id = start(&store, None, "{}").await.unwrap().id;
    drop(store);
    let db = Connection::open(&path).unwrap();
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = 'fantasm_instance'";
    let page: usize = db.query_row(page, [], |row| row.get::<_, u32>(0)).unwrap().try_into().unwrap();
    drop(db);
    let mut bytes = fs::read(&path).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0xff);
    fs::write(&path, bytes).unwrap();

    let store = open(&path).await.unwrap();
    for error in [store.instance(id).await.unwrap_err(), start(&store, None, "{}").await.unwrap_err()] {
        assert_eq!((error.kind(), error.to_string().as_str()), (StoreErrorKind::Unusable, DAMAGED));
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version() {
    check(
        |path| {
            let db = Connection::open(path).unwrap();
            db.execute_batch(
                "CREATE TABLE fantasm_schema (version INTEGER NOT NULL) STRICT;
                 INSERT INTO fantasm_schema VALUES (1), (2), (99);",
            )
            .unwrap();
        },
        StoreErrorKind::Unusable,
        "the database has schema version 99, this program knows versions up to 6: it was written by a newer fantasm; use \
         that version here too",
    )
    .await;
}

/// As a newer program leaves it: in WAL mode, where every reader has to make a log beside the file.
#[tokio::test]
async fn a_file_that_a_newer_program_has_used() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    drop(open(&path).await.unwrap());
    let db = Connection::open(&path).unwrap();
    db.execute("INSERT INTO fantasm_schema VALUES (99)", []).unwrap();
    drop(db);
    let before = hash(&path);
    let error = refused(&path).await;
    assert_eq!(error.kind(), StoreErrorKind::Unusable, "{error}");
    assert!(error.to_string().contains("schema version 99"), "{error}");
    assert_eq!(hash(&path), before);
}

#[tokio::test]
async fn a_folder() {
    let folder = TempDir::new().unwrap();
    let error = refused(folder.path()).await;
    assert_eq!(error.kind(), StoreErrorKind::Unusable);
    assert_eq!(error.to_string(), in_file(folder.path(), "this is a folder: name a file in it"));
}

#[tokio::test]
async fn a_file_in_no_folder() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("missing").join("store.db");
    let error = refused(&path).await;
    assert_eq!(error.kind(), StoreErrorKind::Unusable);
    assert_eq!(error.to_string(), in_file(&path, CANNOT_OPEN));
    assert!(files(folder.path()).is_empty(), "nothing is made");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    drop(open(&path).await.unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        return super::cannot_be_shown("this user may write a file that is read-only");
    }
    let before = files(folder.path());
    let error = refused(&path).await;
    assert_eq!(error.kind(), StoreErrorKind::Unusable);
    assert_eq!(error.to_string(), in_file(&path, CANNOT_OPEN));
    assert_eq!(files(folder.path()), before);
}

/// A database in memory would be another one for each connection.
#[tokio::test]
async fn no_file_at_all() {
    for path in ["", ":memory:"] {
        let error = refused(Path::new(path)).await;
        assert_eq!(error.kind(), StoreErrorKind::Unusable, "{path:?}: {error}");
    }
}

/// Somebody who has locked the whole file, and somebody who only writes for long: the store waits for five seconds.
#[tokio::test]
async fn a_file_that_another_process_has_locked() {
    const MESSAGE: &str = "the database file is locked by another process: let that finish, or close it";
    let folder = TempDir::new().unwrap();
    let (locked, written) = (folder.path().join("locked.db"), folder.path().join("written.db"));
    let other = Connection::open(&locked).unwrap();
    other.execute_batch("CREATE TABLE theirs (x); BEGIN EXCLUSIVE").unwrap();
    let before = hash(&locked);
    let store = open(&written).await.unwrap();
    let writer = Connection::open(&written).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();

    let started = start(&store, Some("key".to_owned()), "{}");
    let (refused, never) = tokio::join!(refused(&locked), started);
    assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
    assert_eq!(refused.to_string(), in_file(&locked, MESSAGE));
    assert_eq!(hash(&locked), before);
    let never = never.expect_err("the other process writes for longer than the store waits");
    assert_eq!((never.kind(), never.to_string().as_str()), (StoreErrorKind::Unavailable, MESSAGE));

    drop((other, writer));
    assert_eq!(store.find("Machine".to_owned(), "key".to_owned()).await.unwrap(), None, "nothing was started");
    // Whoever is told that trying again may help tries again.
    let mut started = start(&store, Some("key".to_owned()), "{}").await;
    for _ in 0..3 {
        if started.as_ref().is_err_and(StoreError::is_retryable) {
            started = start(&store, Some("key".to_owned()), "{}").await;
        }
    }
    assert!(started.unwrap().is_new);
    open(&locked).await.unwrap();
}

const DAMAGED: &str =
    "the database file is damaged: restore it from a backup, or save what `sqlite3 FILE .recover` reads";

const CANNOT_OPEN: &str =
    "the database file cannot be opened for writing: check that its folder exists and that both are writable";

/// Prepares a file and tries to open it: nothing of it may change, and nothing may be left beside it.
async fn check(prepare: impl FnOnce(&Path), kind: StoreErrorKind, message: &str) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    prepare(&path);
    let before = files(folder.path());
    let error = refused(&path).await;
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.to_string(), in_file(&path, message));
    assert_eq!(files(folder.path()), before);
}

async fn refused(path: &Path) -> StoreError {
    SqliteStore::open(path).await.expect_err("the file is refused")
}

fn in_file(path: &Path, message: &str) -> String {
    format!("{}: {message}", path.display())
}

/// The names of a folder's files, and hashes of their bytes.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_string_lossy().into_owned(), hash(&path))
    };
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(read).collect();
    files.sort();
    files
}

fn hash(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    fs::read(path).unwrap().hash(&mut hasher);
    hasher.finish()
}
