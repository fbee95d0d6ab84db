//! A file that is opened again, that several processes share, and that is not the store's alone.

use std::{collections::BTreeSet, num::NonZeroU32, sync::Arc, time::Duration};

use fantasm::{
    store::{Claiming, Closing, InstanceStatus, NewPackage, SqliteStore, Store, Verdict},
    testing::ManualClock,
};
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{MACHINE, claiming, instance, open, register, start, task};

#[tokio::test]
async fn a_file_opened_again_holds_everything() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let clock = Arc::new(ManualClock::new());
    let store = SqliteStore::open_with_clock(&path, clock.clone()).await.unwrap();
    let worker = register(&store).await;
    let id = start(&store, Some("key".to_owned()), "\"first\"").await.unwrap().id;
    let root = store.claim(claiming(worker)).await.unwrap().remove(0);
    let package = NewPackage {
        window_key: root.task.key.child("window", 0),
        hop: root.task.hop.clone(),
        group: Some("g".to_owned()),
        queue: "default".to_owned(),
        target: None,
        context: "\"packed\"".to_owned(),
        queue_override: None,
        closing: Closing::After { period: Duration::from_secs(1), max: None },
        rank: 0,
    };
    let next = vec![task("\"running\"").into(), task("\"failing\"").into(), package.into()];
    store.commit(root.lease, Verdict::Done { next, context: "\"done\"".to_owned() }.into()).await.unwrap();
    let claims = store.claim(claiming(worker)).await.unwrap();
    let [running, failing] = claims.as_slice() else { panic!("two tasks are due: {claims:?}") };
    store.commit(failing.lease, Verdict::Fail { error: "no".to_owned() }.into()).await.unwrap();
    let before = store.instance(id).await.unwrap();
    drop(store);

    let store = SqliteStore::open_with_clock(&path, clock.clone()).await.unwrap();
    assert_eq!(store.instance(id).await.unwrap(), before);
    assert_eq!(store.find(MACHINE.to_owned(), "key".to_owned()).await.unwrap(), Some(id));
    let done = Verdict::Done { next: Vec::new(), context: "\"end\"".to_owned() };
    store.commit(running.lease, done.clone().into()).await.expect("the lease is as good as before");
    clock.advance(Duration::from_secs(1));
    let window = store.claim(claiming(worker)).await.unwrap().remove(0);
    assert_eq!(store.seal(window.lease).await.unwrap(), ["\"packed\""]);
    store.commit(window.lease, done.into()).await.unwrap();
    let ended = store.instance(id).await.unwrap().unwrap();
    assert_eq!((ended.status, ended.failed.len()), (InstanceStatus::Failed, 1));
}

#[tokio::test]
async fn two_processes_claim_disjoint_tasks() {
    const N_TASKS: usize = 60;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let stores = [open(&path).await.unwrap(), open(&path).await.unwrap()];
    for _ in 0..N_TASKS {
        start(&stores[0], None, "{}").await.unwrap();
    }
    let mut claims = JoinSet::new();
    for turn in 0..12 {
        let store = stores[turn % 2].clone();
        let claiming = Claiming { limit: NonZeroU32::MIN.saturating_add(4), ..claiming(register(&store).await) };
        claims.spawn(async move { store.claim(claiming).await.unwrap() });
    }
    let claims = claims.join_all().await.concat();
    let tasks: BTreeSet<_> = claims.iter().map(|claim| claim.task.id).collect();
    assert_eq!((claims.len(), tasks.len()), (N_TASKS, N_TASKS));
}

#[tokio::test]
async fn two_processes_start_one_instance_of_a_key() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let stores = [open(&path).await.unwrap(), open(&path).await.unwrap()];
    let mut starts = JoinSet::new();
    for turn in 0..10 {
        let store = stores[turn % 2].clone();
        starts.spawn(async move { start(&store, Some("key".to_owned()), "{}").await.unwrap() });
    }
    let started = starts.join_all().await;
    assert_eq!(started.iter().filter(|started| started.is_new).count(), 1, "{started:?}");
    assert_eq!(started.iter().map(|started| started.id).collect::<BTreeSet<_>>().len(), 1, "{started:?}");
}

/// Who copies the file after that copies all of it.
#[tokio::test]
async fn a_closed_store_is_one_file() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder.path().join("store.db")).await.unwrap();
    let id = start(&store, None, "{}").await.unwrap().id;
    store.instance(id).await.unwrap();
    drop(store);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["store.db"]);
}

/// Processes that start at the same time all want to make the file.
#[tokio::test]
async fn a_new_file_may_be_opened_by_many_at_once() {
    for _ in 0..10 {
        let folder = TempDir::new().unwrap();
        let mut opens = JoinSet::new();
        for _ in 0..8 {
            let path = folder.path().join("store.db");
            opens.spawn(async move { open(&path).await });
        }
        for opened in opens.join_all().await {
            start(&opened.unwrap(), None, "{}").await.unwrap();
        }
    }
}

#[tokio::test]
async fn tables_of_others_stay() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let theirs = Connection::open(&path).unwrap();
    theirs.execute_batch("CREATE TABLE instance (x); INSERT INTO instance VALUES (1), (2)").unwrap();
    let store = open(&path).await.unwrap();
    start(&store, None, "{}").await.unwrap();
    let n_rows: i64 = theirs.query_row("SELECT count(*) FROM instance", [], |row| row.get(0)).unwrap();
    assert_eq!(n_rows, 2);
}

/// What was asked for is done, whether or not anybody waits for the answer.
#[tokio::test]
async fn dropping_the_store_waits_for_accepted_writes() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).await.unwrap();
    for n in 0..100 {
        drop(store.start(vec![instance(Some(n.to_string()), "{}")]));
    }
    drop(store);
    let db = Connection::open(&path).unwrap();
    let n_rows: i64 = db.query_row("SELECT count(*) FROM fantasm_instance", [], |row| row.get(0)).unwrap();
    assert_eq!(n_rows, 100);
}

/// As a process leaves it that is killed in the middle of its first write: SQLite rolls that back for whoever may write.
#[tokio::test]
async fn a_file_whose_first_writer_was_killed_opens() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA cache_size = 1; CREATE TABLE mine (text TEXT); INSERT INTO mine VALUES ('kept')").unwrap();
    // More than the cache holds, so that the file is written to before the transaction has ended.
    db.execute_batch(
        "BEGIN;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO mine SELECT hex(randomblob(4000)) FROM n",
    )
    .unwrap();
    let killed = folder.path().join("killed.db");
    std::fs::copy(&path, &killed).unwrap();
    std::fs::copy(folder.path().join("store.db-journal"), folder.path().join("killed.db-journal")).unwrap();
    open(&killed).await.unwrap();
    let n_rows: i64 =
        Connection::open(&killed).unwrap().query_row("SELECT count(*) FROM mine", [], |row| row.get(0)).unwrap();
    assert_eq!(n_rows, 1, "what was committed is there, and nothing else");
}

/// Those that are referred to are the oldest, and as many as are removed at once.
#[tokio::test]
async fn a_purge_goes_on_past_what_others_refer_to() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).await.unwrap();
    for _ in 0..20 {
        let id = start(&store, None, "{}").await.unwrap().id;
        assert!(store.cancel(id).await.unwrap());
    }
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE invoice (run INTEGER REFERENCES fantasm_instance (id));
             INSERT INTO invoice SELECT id FROM fantasm_instance ORDER BY ended_at, id LIMIT 5",
        )
        .unwrap();
    for expected in [5, 5, 5, 0] {
        assert_eq!(store.purge(Timestamp::MAX, NonZeroU32::new(5).unwrap()).await.unwrap(), expected);
    }
}

/// A table of the user's own refers to one of them, which so stays; the others go.
#[tokio::test]
async fn what_others_refer_to_is_not_purged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = start(&store, None, "{}").await.unwrap().id;
        assert!(store.cancel(id).await.unwrap());
        ids.push(id);
    }
    let other = Connection::open(&path).unwrap();
    let sql = "CREATE TABLE invoice (run INTEGER REFERENCES fantasm_instance (id)); INSERT INTO invoice VALUES (";
    other.execute_batch(&format!("{sql}{})", ids[0])).unwrap();
    assert_eq!(store.purge(Timestamp::MAX, NonZeroU32::MAX).await.unwrap(), 2);
    assert!(store.instance(ids[0]).await.unwrap().is_some());
    assert!(store.instance(ids[1]).await.unwrap().is_none() && store.instance(ids[2]).await.unwrap().is_none());
}
