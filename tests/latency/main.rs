//! How soon an action begins after its start, how much the stores take, and what idle workers cost: `cargo xtask latency`.
//!
//! No test: figures say something only where nothing else runs. Both stores are where temporary files are, which may be in
//! memory, so that the figures are those of the programs and not of a disk.
#![expect(clippy::print_stdout, reason = "this is where the program speaks")]

mod ping;
mod rig;

use std::{sync::Arc, time::Duration};

use fantasm::{
    Result, Worker,
    store::{self, Store},
};
use fantasm_tests::Cluster;
use tempfile::TempDir;
use tokio::{sync::mpsc, time::interval};

use self::{
    ping::Arrivals,
    rig::{Latencies, Rig},
};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/latency/fantasm.rs"));
}

const N_IDLE: i64 = 500;
const N_AT_ONCE: i64 = 3000;
const LOADED_TIME: Duration = Duration::from_secs(15);

/// How often each throughput is measured, in turns; the best counts, as the others were disturbed.
const ROUNDS: usize = 3;

const N_WORKERS: u32 = 4;
const IDLE_TIME: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new())?;
    let path = folder.path().join("store.db").display().to_string();
    let server = Cluster::start("-c log_statement=all");
    let sqlite = store::open(&path).await?;
    let postgres = store::open(server.url()).await?;
    let elsewhere = store::open(server.url()).await?;

    let per_second = [throughput(&sqlite).await?, throughput(&postgres).await?];
    let [of_sqlite, of_postgres] = per_second;
    println!(
        "instances a second, from start to action, one worker: SQLite {of_sqlite:.0}, PostgreSQL {of_postgres:.0}"
    );
    println!("ratio of PostgreSQL to SQLite: {:.2}", of_postgres / of_sqlite);

    println!("{:<54}{:>8}{:>8}", "from start to the action's first line, ms", "p50", "p99");
    for (name, store, of_client, most) in [
        ("SQLite", &sqlite, &sqlite, of_sqlite),
        ("PostgreSQL", &postgres, &postgres, of_postgres),
        ("PostgreSQL, started by another process", &postgres, &elsewhere, of_postgres),
    ] {
        let mut rig = Rig::new(Arc::clone(store), Arc::clone(of_client)).await?;
        row(&format!("{name}, idle"), &rig.idle(N_IDLE).await?);
        row(&format!("{name}, at half load"), &rig.at_rate(most / 2.0, LOADED_TIME).await?);
        rig.end().await?;
    }
    idle_cost(&server).await
}

/// The best of a few rounds.
async fn throughput(store: &Arc<dyn Store>) -> Result<f64> {
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let mut rig = Rig::new(Arc::clone(store), Arc::clone(store)).await?;
        best = best.max(rig.throughput(N_AT_ONCE).await?);
        rig.end().await?;
    }
    Ok(best)
}

fn row(what: &str, latencies: &Latencies) {
    println!("{what:<54}{:>8.2}{:>8.2}", latencies.percentile(50), latencies.percentile(99));
}

/// Counts the statements that workers without work send.
async fn idle_cost(server: &Cluster) -> Result<()> {
    let mut workers = Vec::new();
    for _ in 0..N_WORKERS {
        let (arrivals, _) = mpsc::unbounded_channel();
        let worker = Worker::builder(store::open(server.url()).await?).machines(machines::all());
        workers.push(worker.service(Arrivals(arrivals)).start().await?);
    }
    let mut moments = interval(IDLE_TIME / 2);
    moments.tick().await;
    // What a start prepares is over.
    moments.tick().await;
    let before = n_statements(server);
    moments.tick().await;
    moments.tick().await;
    let per_second = (n_statements(server) - before) / IDLE_TIME.as_secs_f64();
    println!(
        "{N_WORKERS} idle workers: {per_second:.1} statements a second, {:.1} each",
        per_second / f64::from(N_WORKERS)
    );
    for worker in workers {
        worker.shutdown().await?;
    }
    Ok(())
}

/// The statements that the server has been sent so far, of which it logs each.
fn n_statements(server: &Cluster) -> f64 {
    let log = server.log();
    let n = log.lines().filter(|line| line.contains("LOG:  execute ") || line.contains("LOG:  statement:")).count();
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
