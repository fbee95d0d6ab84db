//! Writes that are committed as one group: each is atomic by itself.

use fantasm::{
    Transaction,
    store::{Commit, SqliteStore, Started, Store, StoreError, StoreErrorKind, Verdict},
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{claiming, instance, open, register, start, task};

/// A context that a trigger of the test refuses.
const POISON: &str = "\"poison\"";

#[tokio::test]
async fn work_that_fails_halfway_harms_nobody() {
    let group = Group::make("ABORT").await;
    let (poisoned, starts) = group.run().await;
    let error = poisoned.expect_err("the trigger refuses it");
    assert_eq!(error.kind(), StoreErrorKind::Internal, "{error}");
    for start in starts {
        assert!(start.unwrap().is_new);
    }
    assert_eq!(group.n_instances(), 1 + Group::N_STARTS);
    group.assert_commit_had_no_effect().await;
}

/// One of them is refused when others have been written already.
#[tokio::test]
async fn several_starts_are_all_or_none() {
    let group = Group::make("ABORT").await;
    let starts = [None, Some("a"), Some("b")].map(|key| instance(key.map(str::to_owned), "{}"));
    let refused = group.store.start(starts.iter().cloned().chain([instance(None, POISON)]).collect()).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(group.n_instances(), 1);
    assert!(group.store.start(starts.into()).await.unwrap().iter().all(|started| started.is_new));
}

/// Some errors, that of a full disk for one, make SQLite give up the whole transaction.
#[tokio::test]
async fn work_that_ends_the_transaction_lets_its_group_try_again() {
    let group = Group::make("ROLLBACK").await;
    let (poisoned, starts) = group.run().await;
    assert!(poisoned.is_err());
    for start in starts {
        let error = start.expect_err("its transaction was rolled back");
        assert!(error.is_retryable(), "{error}");
    }
    assert_eq!(group.n_instances(), 1);
    group.assert_commit_had_no_effect().await;
    let again = start(&group.store, Some("0".to_owned()), "{}").await.unwrap();
    assert!(again.is_new);
}

/// A constraint of the user's own that is judged at the commit: the step fails, and those that it took down come again.
#[tokio::test]
async fn a_constraint_that_is_deferred_fails_its_step_alone() {
    let group = Group::make("ABORT").await;
    group
        .other
        .execute_batch(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);",
        )
        .unwrap();
    let orphan = || {
        let mut tx = Transaction::default();
        tx.execute("INSERT INTO child VALUES (7)");
        let done = Verdict::Done { next: vec![task("\"fine\"").into()], context: "{}".to_owned() };
        Commit { statements: tx.statements().to_vec(), ..done.into() }
    };
    let (refused, starts) = group.run_with(orphan()).await;
    assert!(refused.is_err_and(|error| error.is_retryable()), "the whole group is to come again");
    let again = |(n, start): (i64, Result<Started, StoreError>)| {
        assert!(start.is_err_and(|error| error.is_retryable()));
        group.store.start(vec![instance(Some(n.to_string()), "{}")])
    };
    let guilty = group.store.commit(group.running.lease, orphan());
    let again: Vec<_> = (0..).zip(starts).map(again).collect();
    let error = guilty.await.expect_err("nobody is its parent");
    assert_eq!(error.kind(), StoreErrorKind::Statement, "{error}");
    for start in again {
        assert!(start.await.unwrap()[0].is_new);
    }
    assert_eq!(group.n_instances(), 1 + Group::N_STARTS);
    group.assert_commit_had_no_effect().await;
}

/// A store with one running task, and the file's other user, who keeps the store from writing until a group has gathered.
struct Group {
    store: SqliteStore,
    other: Connection,
    running: fantasm::store::Claim,
    _folder: TempDir,
}

impl Group {
    const N_STARTS: i64 = 40;

    async fn make(conflict: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("store.db");
        let store = open(&path).await.unwrap();
        start(&store, None, "{}").await.unwrap();
        let worker = register(&store).await;
        let running = store.claim(claiming(worker)).await.unwrap().remove(0);
        let other = Connection::open(&path).unwrap();
        let trigger = format!(
            "CREATE TRIGGER poison BEFORE INSERT ON fantasm_task WHEN NEW.context = '{POISON}'
             BEGIN SELECT RAISE({conflict}, 'poisoned'); END"
        );
        other.execute_batch(&trigger).unwrap();
        Self { store, other, running, _folder: folder }
    }

    /// Commits a step whose second task is refused, amid starts.
    async fn run(&self) -> (Result<(), StoreError>, Vec<Result<Started, StoreError>>) {
        let next = vec![task("\"fine\"").into(), task(POISON).into()];
        self.run_with(Verdict::Done { next, context: "{}".to_owned() }.into()).await
    }

    /// Commits a step amid starts.
    async fn run_with(&self, commit: Commit) -> (Result<(), StoreError>, Vec<Result<Started, StoreError>>) {
        self.other.execute_batch("BEGIN IMMEDIATE").unwrap();
        // Handed over here, in this order, and not when they are awaited.
        let start = |n: i64| self.store.start(vec![instance(Some(n.to_string()), "{}")]);
        let mut starts: Vec<_> = (0..Self::N_STARTS / 2).map(start).collect();
        let poisoned = self.store.commit(self.running.lease, commit);
        starts.extend((Self::N_STARTS / 2..Self::N_STARTS).map(start));
        self.other.execute_batch("ROLLBACK").unwrap();
        let mut started = Vec::new();
        for start in starts {
            started.push(start.await.map(|mut started| started.remove(0)));
        }
        (poisoned.await, started)
    }

    fn n_instances(&self) -> i64 {
        self.other.query_row("SELECT count(*) FROM fantasm_instance", [], |row| row.get(0)).unwrap()
    }

    /// The task is still running, and nothing follows it.
    async fn assert_commit_had_no_effect(&self) {
        let sql = "SELECT count(*) FROM fantasm_task WHERE context = '\"fine\"'";
        let n_fine: i64 = self.other.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(n_fine, 0, "the first half was taken back");
        let done = Verdict::Done { next: Vec::new(), context: "{}".to_owned() };
        self.store.commit(self.running.lease, done.into()).await.expect("the lease is still good");
    }
}
