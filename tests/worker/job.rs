//! A job that does what a test wants it to, and tells when it does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fantasm::fsm_action;
use tokio::sync::{Semaphore, watch};

use crate::machines::job::{Context, Work};

/// What a job of one number does when it is run for the n-th time.
type Script = Box<dyn Fn(i64, u32) -> Act + Send + Sync>;

/// What a run of the job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Waits for [`Desk::let_go`], and is done.
    Work,
    /// Never ends.
    Hang,
    /// Panics.
    Panic,
    /// Leaves more in the context than can be stored.
    Overfill,
    /// Leaves in the context what does not come back from JSON.
    Spoil,
}

/// Where jobs are watched and let go.
#[derive(Clone)]
pub(crate) struct Desk {
    script: Arc<Script>,
    let_go: Arc<Semaphore>,
    seen: Arc<watch::Sender<Seen>>,
    runs: Arc<Mutex<BTreeMap<i64, Vec<u32>>>>,
}

/// How many jobs run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) n_running: usize,
    pub(crate) max_running: usize,
    pub(crate) n_begun: usize,
}

impl Desk {
    /// Jobs that wait to be let go.
    pub(crate) fn new() -> Self {
        Self::scripted(|_, _| Act::Work)
    }

    /// Jobs that do what `script` says for their number and run, from 1.
    pub(crate) fn scripted(script: impl Fn(i64, u32) -> Act + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(Box::new(script)),
            let_go: Arc::new(Semaphore::new(0)),
            seen: Arc::new(watch::Sender::new(Seen::default())),
            runs: Arc::default(),
        }
    }

    /// Lets `n` jobs, that wait or will wait, go on.
    pub(crate) fn let_go(&self, n: usize) {
        self.let_go.add_permits(n);
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.seen.borrow()
    }

    /// Waits until so many runs have begun in all.
    pub(crate) async fn begun(&self, n: usize) {
        self.seen.subscribe().wait_for(|seen| seen.n_begun >= n).await.unwrap();
    }

    /// The attempts of each job that was run, in the order of their runs.
    pub(crate) fn runs(&self) -> BTreeMap<i64, Vec<u32>> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Vec<u32>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a run as running, for as long as it is not dropped.
struct Running<'d>(&'d Desk);

impl<'d> Running<'d> {
    fn begin(desk: &'d Desk) -> Self {
        desk.seen.send_modify(|seen| {
            seen.n_begun += 1;
            seen.n_running += 1;
            seen.max_running = seen.max_running.max(seen.n_running);
        });
        Self(desk)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.seen.send_modify(|seen| seen.n_running -= 1);
    }
}

#[fsm_action]
pub(crate) async fn work(cx: &mut Context, desk: &Desk) -> fantasm::Result<Work> {
    let n_runs = {
        let mut runs = desk.lock();
        let runs = runs.entry(cx.number).or_default();
        runs.push(cx.attempt());
        u32::try_from(runs.len())?
    };
    cx.log().debug("begun");
    cx.log().info(format_args!("run {n_runs}"));
    let _running = Running::begin(desk);
    match (desk.script)(cx.number, n_runs) {
        Act::Work => desk.let_go.acquire().await?.forget(),
        Act::Hang => std::future::pending().await,
        Act::Overfill => cx.note = "x".repeat(fantasm::MAX_CONTEXT_BYTES),
        Act::Spoil => cx.ratio = f64::NAN,
        Act::Panic => panic!("job {} panics in run {n_runs}, as the test wants it", cx.number),
    }
    Ok(Work::Done)
}

#[fsm_action]
pub(crate) async fn finish(_cx: &mut Context) {}
