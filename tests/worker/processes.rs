//! Workers of several processes on one SQLite file, in real time.

use fantasm::{Client, Worker, store::SqliteStore};
use tempfile::TempDir;

use crate::{
    job::Desk,
    machines::{self, Job},
};

/// Each process has its own connections and hears nothing of the others but what is in the file.
#[tokio::test]
async fn workers_of_several_processes_share_one_file() {
    const N_JOBS: usize = 60;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let desk = Desk::new();
    let mut workers = Vec::new();
    for _ in 0..3 {
        let store = SqliteStore::open(&path).await.unwrap();
        let worker = Worker::builder(store).machines(machines::all()).service(desk.clone()).concurrency(8);
        workers.push(worker.start().await.unwrap());
    }
    let client = Client::new(SqliteStore::open(&path).await.unwrap());
    let mut runs = Vec::new();
    for number in (1..).take(N_JOBS) {
        runs.push(client.start(Job { number, ..Job::default() }).await.unwrap());
    }
    // All three are at work at the same time: one of them alone runs no more than eight.
    desk.begun(24).await;
    desk.let_go(N_JOBS);
    for run in runs {
        run.finished().await.unwrap();
    }
    assert_eq!(desk.runs().len(), N_JOBS);
    assert!(desk.runs().values().all(|attempts| attempts == &[1]), "{:?}", desk.runs());
    for worker in workers {
        worker.shutdown().await.unwrap();
    }
}
