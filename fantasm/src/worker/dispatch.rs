//! Leads one claimed task through user code and engine.

use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;

use super::{
    Shared, panic,
    phases::{Interrupt, Phases},
    telemetry,
};
use crate::{
    ErrorKind,
    engine::{self, Commit, Ending, Outcome},
    log::{Log, bounded},
    patience::patiently,
    store::{Claim, StoreError, StoreErrorKind},
};

/// How long a task that this program does not know is left alone before somebody claims it again.
pub(super) const UNKNOWN_DELAY: Duration = Duration::from_secs(60);

/// What became of a claimed task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dispatched {
    /// Its step was committed.
    Committed,
    /// Somebody else owns the task now; nothing was written.
    Superseded,
    /// It names a state or event that this program does not know, and was given back.
    Unknown,
}

/// Runs a claimed task's user code, decides what follows, and commits it.
///
/// # Errors
/// The store's, when it did not answer for too long; the task is then taken over when its lease has run out.
pub(crate) async fn dispatch(shared: &Shared, claim: Claim) -> Result<Dispatched, StoreError> {
    let span = telemetry::span(&claim.task);
    run(shared, claim).instrument(span).await
}

async fn run(shared: &Shared, claim: Claim) -> Result<Dispatched, StoreError> {
    let since = Instant::now();
    let Claim { lease, task, at } = claim;
    let store = &shared.store;
    // How far this process is ahead of the store does not make a task older.
    let ahead = shared.clock.now().duration_since(at);
    let phases = match Phases::resolve(shared, lease, &task) {
        Ok(phases) => phases,
        Err(unknown) => {
            tracing::warn!(%unknown, "the task is left to another worker");
            return superseded(
                patiently(shared.patience, || store.release(lease, UNKNOWN_DELAY)).await,
                Dispatched::Unknown,
            );
        }
    };
    let log = Log::keeping_from(shared.log_level);
    let ending = if task.n_crashes >= shared.max_crashes {
        Ending::Failed { error: deadly(task.n_crashes), is_permanent: true }
    } else {
        match attempt(&phases, &log).await {
            Ok(ending) => ending,
            Err(error) => return superseded(Err(error), Dispatched::Superseded),
        }
    };
    let lines = log.take();
    let decide = |ending| {
        let outcome = Outcome { ending, log: lines.clone() };
        let now = shared.clock.now().saturating_sub(ahead).unwrap_or(at);
        let commit = engine::step(phases.machine(), &task, outcome, now);
        let log = if shared.keeps_all_logs { lines.clone() } else { commit.log };
        Commit { log, is_recorded: commit.is_recorded || shared.keeps_all_history, ..commit }
    };
    let mut failure = failure(&ending);
    let mut commit = decide(ending);
    let mut committed = patiently(shared.patience, || store.commit(lease, commit.clone())).await;
    if let Err(error) = &committed
        && matches!(error.kind(), StoreErrorKind::Statement | StoreErrorKind::WrongStatement)
    {
        // Nothing of the step has happened. Its SQL is user code, and so its failure is one of the attempt.
        let (error, is_permanent) = (told(error), error.kind() == StoreErrorKind::WrongStatement);
        failure = Some(error.clone());
        commit = decide(Ending::Failed { error, is_permanent });
        committed = patiently(shared.patience, || store.commit(lease, commit.clone())).await;
    }
    if committed.is_ok() {
        telemetry::tell(&commit, failure.as_deref(), since.elapsed());
    }
    superseded(committed, Dispatched::Committed)
}

/// What went wrong in an attempt.
fn failure(ending: &Ending) -> Option<String> {
    if let Ending::Failed { error, .. } = ending { Some(error.clone()) } else { None }
}

/// Runs a task's user code, and answers how it ended; the error is the store's.
async fn attempt(phases: &Phases<'_>, log: &Log) -> Result<Ending, StoreError> {
    let error = match phases.run_in_time(log).await {
        Ok(ending) => return Ok(ending),
        Err(Interrupt::Store(error)) => return Err(error),
        Err(Interrupt::Error(error)) => error,
    };
    let (text, kind, level) = (panic::text_of(&error), error.kind(), error.level());
    panic::drop_quietly(error);
    Ok(match kind {
        ErrorKind::Halt => {
            if let Some(level) = level.filter(|_| !text.is_empty()) {
                log.log(level, &text);
            }
            Ending::Halted { reason: text }
        }
        kind => Ending::Failed { error: text, is_permanent: kind == ErrorKind::Permanent },
    })
}

/// Why a task is not run again after so many crashes: it would go on to take its workers down, and their other tasks.
fn deadly(n_crashes: u32) -> String {
    format!(
        "the task was not run again: {n_crashes} workers in a row have died with it or fallen silent, with no end of an attempt \
         between (out of memory, a stack overflow, an action that blocks its thread?)"
    )
}

/// An error and what caused it on one line.
fn told(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    bounded(format!("{error}{}", cause.unwrap_or_default()))
}

/// A lost lease is no error: somebody else owns the truth now.
fn superseded(result: Result<(), StoreError>, dispatched: Dispatched) -> Result<Dispatched, StoreError> {
    match result {
        Ok(()) => Ok(dispatched),
        Err(error) if error.kind() == StoreErrorKind::LeaseLost => Ok(Dispatched::Superseded),
        Err(error) => Err(error),
    }
}
