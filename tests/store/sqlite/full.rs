//! A full disk: told as such, nothing lost, and work goes on when there is room again.

use std::{env, fs, path::Path, process::Command};

use fantasm::{
    Transaction,
    store::{Commit, Store, StoreErrorKind, Verdict},
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{MACHINE, claiming, open, register, start};

/// Names the small disk to the process that is to fill it.
const DISK: &str = "FANTASM_SMALL_DISK";

/// What the shell answers when it may not make a small disk.
const NOT_PERMITTED: i32 = 77;

/// Fills a disk of two megabytes, in a process of its own that sees it.
#[test]
fn a_full_disk_loses_nothing() {
    if let Some(disk) = env::var_os(DISK) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(fill(Path::new(&disk)));
    }
    let folder = TempDir::new().unwrap();
    let script = format!(r#"mount -t tmpfs -o size=2m none "${DISK}" || exit {NOT_PERMITTED}; exec "$0" "$@""#);
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "sqlite::full::a_full_disk_loses_nothing"])
        .env(DISK, folder.path())
        .status();
    match status.map(|status| status.code()) {
        Ok(Some(0)) => {}
        Ok(Some(101)) => panic!("the process that filled the disk has failed; its output is above"),
        // `unshare` is Linux's, and not every container lets it work.
        status => super::cannot_be_shown(&format!("this system lets nobody make a small disk ({status:?})")),
    }
}

async fn fill(disk: &Path) {
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 600 * 1024]).unwrap();
    let path = disk.join("store.db");
    let store = open(&path).await.unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE booking (bytes BLOB)").unwrap();
    start(&store, None, "{}").await.unwrap();
    let worker = register(&store).await;
    let running = store.claim(claiming(worker)).await.unwrap().remove(0);
    let context = format!("\"{}\"", "x".repeat(50_000));
    let mut started = Vec::new();
    let error = loop {
        let key = started.len().to_string();
        match start(&store, Some(key), &context).await {
            Ok(start) => started.push(start.id),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), StoreErrorKind::Full, "{error}");
    assert_eq!(
        error.to_string(),
        "the disk of the database file is full: free some space and go on; nothing that was committed is lost"
    );
    assert!(started.len() > 3, "there was room for some: {}", started.len());
    let refused = store.find(MACHINE.to_owned(), started.len().to_string()).await.unwrap();
    assert_eq!(refused, None, "what was refused has no effect");

    // The SQL of a step fills it too, which is not the statement's fault.
    let book = |sql: &str| {
        let mut tx = Transaction::default();
        tx.execute(sql);
        let done = Verdict::Done { next: Vec::new(), context: "{}".to_owned() };
        store.commit(running.lease, Commit { statements: tx.statements().to_vec(), ..done.into() })
    };
    let error = book("INSERT INTO booking VALUES (zeroblob(3000000))").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Full, "{error}");

    fs::remove_file(&ballast).unwrap();
    book("INSERT INTO booking VALUES (zeroblob(3))").await.expect("the lease is still good");
    started.push(start(&store, Some("later".to_owned()), &context).await.unwrap().id);
    drop(store);
    let store = open(&path).await.unwrap();
    for id in started {
        assert_eq!(store.instance(id).await.unwrap().map(|instance| instance.context), Some(context.clone()));
    }
}
