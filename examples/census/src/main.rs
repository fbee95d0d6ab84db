//! Counts files, lines and licences of every crate below a directory.
//!
//! The count is a durable machine, drawn in `fsm.yaml`: kill it whenever you like, start it again, and it goes on where
//! it was and ends with the same totals.

mod census;
mod counts;
mod language;
mod licence;
mod report;
mod totals;
mod tree;
mod verify;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use fantasm::{
    Run, Worker,
    store::{self, InstanceStatus},
};

use crate::{
    machines::Census,
    totals::{Totals, TotalsDb},
    tree::Tree,
};

/// The machine's types, generated from fsm.yaml.
mod machines {
    fantasm::include_machines!();
}

/// Counts files, lines and licences of every crate below a directory.
///
/// Killed at any moment and started again it goes on where it was.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The directory whose first-level directories are the crates [default: the sources that cargo has unpacked on
    /// this machine, else this workspace].
    dir: Option<PathBuf>,
    /// Where the state of the count and its totals are kept: a file of SQLite, or postgres://user@host/database.
    #[arg(long, value_name = "FILE|URL", default_value = "census.db")]
    db: String,
    /// Prints the totals as one line of JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Counts again, in one thread and without any machine, and fails if the two differ.
    #[arg(long)]
    verify: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<()> {
    let dir = args.dir.clone().map_or_else(tree::default_dir, Ok)?;
    let dir = dir.canonicalize().with_context(|| format!("cannot read the directory {}", dir.display()))?;
    if !dir.is_dir() {
        bail!("{} is no directory; name one whose first-level directories are the crates to count", dir.display());
    }
    let totals = count(&dir, &args.db).await?;
    if args.verify {
        verify::verify(&dir, &totals)?;
        report::verified();
    }
    report::print(&dir, &totals, args.json)
}

/// Counts durably: begins a run, or goes on with the one that was not finished.
async fn count(dir: &Path, db: &str) -> Result<Totals> {
    let store = store::open(db).await?;
    let totals = TotalsDb::open(db).await?;
    let run = totals.unfinished_run(dir).await?;
    let worker = Worker::builder(store)
        .machines(machines::all())
        .service(Tree::default())
        .service(totals.clone())
        .heartbeat(Duration::from_millis(500))
        .start()
        .await?;
    let census = Census { run, root: dir.into(), ..Default::default() };
    let instance = worker.client().start(census).key(format!("run-{run}")).await?;
    // What has failed before may succeed now: the file can be read again, the disk has room again.
    if instance.inspect().await?.status == InstanceStatus::Failed {
        instance.retry().await?;
    }
    let counted = follow(&instance, dir, &totals, run).await;
    // What was counted is safe in the database, so an error of the count is more worth telling than one of the worker.
    let stopped = worker.shutdown().await;
    counted?;
    stopped?;
    totals.finish_run(run).await?;
    totals.read(run).await
}

/// Shows how far the count is until it has ended.
async fn follow(instance: &Run, dir: &Path, totals: &TotalsDb, run: i64) -> Result<()> {
    let progress = report::Progress::start(tree::crates(dir)?.len());
    let mut finished = std::pin::pin!(instance.finished());
    let mut look = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            ended = &mut finished => {
                ended?;
                return Ok(());
            }
            _ = look.tick() => progress.show(&totals.read(run).await?),
        }
    }
}
