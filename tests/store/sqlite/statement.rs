//! A step's own SQL that takes others down, or all the time there is: its neighbours are unharmed, each exactly once.

use std::time::Duration;

use fantasm::{
    Transaction,
    store::{Claim, Commit, SqliteStore, Store, StoreError, StoreErrorKind, Verdict},
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{claiming, instance, register, task};

const N_STEPS: i64 = 200;

/// The one whose SQL is harmful.
const GUILTY: i64 = 77;

/// A trigger of the user's ends the transaction of all that are committed together.
#[tokio::test]
async fn a_step_whose_sql_rolls_all_back_harms_no_other() {
    let steps = Steps::make().await;
    let error = steps.commit_all("INSERT INTO effect VALUES (-1)").await;
    assert_eq!(error.kind(), StoreErrorKind::Statement, "{error}");
    steps.assert_others_once().await;
}

/// The only writer is given back to the others.
#[tokio::test]
async fn a_statement_without_end_is_interrupted() {
    let steps = Steps::make().await;
    let error = steps
        .commit_all(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO effect SELECT sum(i) FROM n",
        )
        .await;
    assert_eq!(error.kind(), StoreErrorKind::Statement, "{error}");
    let expected = "was interrupted after 1ms, the store's `statement_timeout`: all other writes wait for it meanwhile";
    assert!(error.to_string().ends_with(expected), "{error}");
    steps.assert_others_once().await;
}

/// A store with many running tasks, and the file's other user.
struct Steps {
    store: SqliteStore,
    running: Vec<Claim>,
    other: Connection,
    _folder: TempDir,
}

impl Steps {
    async fn make() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("store.db");
        let store = SqliteStore::builder(&path).statement_timeout(Duration::from_millis(1)).open().await.unwrap();
        store.start((0..N_STEPS).map(|_| instance(None, "{}")).collect()).await.unwrap();
        let worker = register(&store).await;
        let running = store.claim(claiming(worker)).await.unwrap();
        assert_eq!(running.len(), usize::try_from(N_STEPS).unwrap());
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch(
                "CREATE TABLE effect (n INTEGER);
                 CREATE TRIGGER harm BEFORE INSERT ON effect WHEN NEW.n < 0
                 BEGIN SELECT RAISE(ROLLBACK, 'all of you'); END",
            )
            .unwrap();
        Self { store, running, other, _folder: folder }
    }

    /// Commits all steps at once, the guilty one among them, and those that were taken down again, as a worker does; answers
    /// what the guilty one is told.
    async fn commit_all(&self, harm: &str) -> StoreError {
        let mut left: Vec<i64> = (0..N_STEPS).collect();
        let mut told = None;
        for _ in 0..N_STEPS {
            self.other.execute_batch("BEGIN IMMEDIATE").unwrap();
            // Handed over here, and not when they are awaited: they are one group.
            let commits: Vec<_> = left.iter().map(|n| (*n, self.commit(*n, harm))).collect();
            self.other.execute_batch("ROLLBACK").unwrap();
            left.clear();
            for (n, commit) in commits {
                match commit.await {
                    Ok(()) => assert_ne!(n, GUILTY),
                    Err(error) if n == GUILTY && !error.is_retryable() => told = Some(error),
                    Err(error) => {
                        assert!(error.is_retryable(), "{n}: {error}");
                        left.push(n);
                    }
                }
            }
            if left.is_empty() {
                return told.expect("the guilty one is told");
            }
        }
        panic!("{} steps do not get on", left.len());
    }

    fn commit(&self, n: i64, harm: &str) -> fantasm::store::StoreFuture<'_, ()> {
        let mut tx = Transaction::default();
        tx.execute("INSERT INTO effect VALUES ($1)").bind(n);
        if n == GUILTY {
            tx.execute(harm);
        }
        let done = Verdict::Done { next: vec![task("\"next\"").into()], context: "{}".to_owned() };
        let commit = Commit { statements: tx.statements().to_vec(), ..done.into() };
        self.store.commit(self.running[usize::try_from(n).unwrap()].lease, commit)
    }

    /// Each of the others has had its effect once and has its next task; the guilty one has left nothing, and may go on.
    async fn assert_others_once(&self) {
        let number = |sql: &str| self.other.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(number("SELECT count(*) FROM effect"), N_STEPS - 1);
        assert_eq!(number("SELECT count(DISTINCT n) FROM effect"), N_STEPS - 1);
        assert_eq!(number(&format!("SELECT count(*) FROM effect WHERE n = {GUILTY} OR n < 0")), 0);
        assert_eq!(number("SELECT count(*) FROM fantasm_task WHERE context = '\"next\"'"), N_STEPS - 1);
        let lease = self.running[usize::try_from(GUILTY).unwrap()].lease;
        let retry = Verdict::Retry { delay: Duration::ZERO, error: "harmful".to_owned() };
        self.store.commit(lease, retry.into()).await.expect("the lease is still good");
    }
}
