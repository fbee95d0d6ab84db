//! Steps that wait at the same time are committed by one transaction.
//!
//! A commit costs one sync of the server's disk, however much it holds. A few committers take turns: what has queued up
//! while they were busy is the next group. Inside it instances are worked on side by side, without round trips between
//! them, and the steps of one instance in their order. When anything is wrong with a group it is undone, and each of its
//! steps has a transaction to itself: so a step that fails harms no other. Nor does one that waits for what somebody else
//! has locked, as a key that is started in a transaction that stays open: a committer does not wait for long, and leaves it
//! to those who have the time.
//!
//! A step with SQL of its own is in no group: what its statements set, lock or count is between them, and no other step's
//! run between.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

use super::{
    inner::Inner,
    task,
    tx::{self, Manner, Tx},
    write::{Write, Written},
};
use crate::{
    action::BoxFuture,
    id::TaskId,
    store::{StoreError, StoreErrorKind},
};

/// How many steps are committed at once at most: more would only make the first wait longer.
const MAX_GROUP: usize = 128;

/// How many writes wait for transactions of others at once.
pub(super) const N_PATIENT: usize = 4;

/// How long a write stands in line for that, before whoever sent it is told to try again.
const MAX_LINE: Duration = Duration::from_secs(30);

/// A write, and whoever waits for it.
pub(super) struct Waiting {
    write: Write,
    since: Instant,
    answer: oneshot::Sender<Result<Written, StoreError>>,
}

/// Those who wait, for several that take turns.
pub(super) type Line = Arc<Mutex<mpsc::UnboundedReceiver<Waiting>>>;

/// A line with nobody in it yet.
pub(super) fn line() -> (mpsc::UnboundedSender<Waiting>, Line) {
    let (queue, line) = mpsc::unbounded_channel();
    (queue, Arc::new(Mutex::new(line)))
}

/// Has a write committed with the next group. It is handed over here: dropping the future does not take it back.
pub(super) fn commit(
    queue: &mpsc::UnboundedSender<Waiting>,
    write: Write,
) -> impl Future<Output = Result<Written, StoreError>> + Send + use<> {
    let (answer, answered) = oneshot::channel();
    let is_sent = queue.send(Waiting { write, since: Instant::now(), answer }).is_ok();
    async move {
        let ended = || {
            StoreError::new(
                StoreErrorKind::Internal,
                "nobody commits any more: the tokio runtime on which the store was opened has ended",
            )
        };
        if is_sent { answered.await.unwrap_or_else(|_| Err(ended())) } else { Err(ended()) }
    }
}

/// A committer's whole life: until the store is closed.
pub(super) async fn serve(store: Arc<Inner>, queue: Line, patient: mpsc::UnboundedSender<Waiting>) {
    loop {
        let mut group = Vec::new();
        {
            let mut queue = queue.lock().await;
            if queue.recv_many(&mut group, MAX_GROUP).await == 0 {
                return;
            }
            // A claim's tasks run side by side, and so do their ends: those of this moment come along.
            tokio::task::yield_now().await;
            while group.len() < MAX_GROUP
                && let Ok(next) = queue.try_recv()
            {
                group.push(next);
            }
        }
        commit_group(&store, &patient, group).await;
    }
}

/// The life of one who commits steps with SQL of their own, until the store is closed.
pub(super) async fn serve_alone(store: Arc<Inner>, queue: Line, patient: mpsc::UnboundedSender<Waiting>) {
    loop {
        let next = queue.lock().await.recv().await;
        let Some(waiting) = next else { return };
        commit_alone(&store, &patient, waiting).await;
    }
}

/// The life of one who has the time to wait, until the store is closed.
pub(super) async fn wait(store: Arc<Inner>, queue: Line) {
    loop {
        let next = queue.lock().await.recv().await;
        let Some(waiting) = next else { return };
        let answer = if waiting.since.elapsed() > MAX_LINE {
            Err(StoreError::locked())
        } else {
            store.transaction_in(Manner::Patient, &waiting.write).await
        };
        let _ = waiting.answer.send(answer);
    }
}

async fn commit_group(store: &Inner, patient: &mpsc::UnboundedSender<Waiting>, group: Vec<Waiting>) {
    let (alone, together): (Vec<_>, Vec<_>) = group.into_iter().partition(|waiting| waiting.write.is_alone());
    let alone = match together.len() {
        0 => alone,
        1 => together.into_iter().chain(alone).collect(),
        _ => {
            match try_together(store, &together).await {
                Ok(answers) => {
                    for (waiting, answer) in together.into_iter().zip(answers) {
                        // Whoever dropped the future does not want the answer.
                        let _ = waiting.answer.send(answer);
                    }
                    alone
                }
                // Nobody knows whether it was committed; whoever asks again is told by the fence.
                Err(Undone::Perhaps(error)) => {
                    together.into_iter().for_each(|waiting| drop(waiting.answer.send(Err(error.clone()))));
                    alone
                }
                Err(Undone::Certainly(error)) => {
                    tracing::debug!(%error, n = together.len(), "a group of steps is committed one by one");
                    together.into_iter().chain(alone).collect()
                }
            }
        }
    };
    for waiting in alone {
        commit_alone(store, patient, waiting).await;
    }
}

async fn commit_alone(store: &Inner, patient: &mpsc::UnboundedSender<Waiting>, waiting: Waiting) {
    match store.transaction_in(Manner::Brief, &waiting.write).await {
        Err(error) if error.is_locked() => {
            tracing::debug!(%error, "a write waits for a transaction of somebody else");
            // Where nobody takes it the store is being closed.
            let _ = patient.send(waiting);
        }
        answer => drop(waiting.answer.send(answer)),
    }
}

/// What became of a group that was not answered.
enum Undone {
    Certainly(StoreError),
    Perhaps(StoreError),
}

/// Commits a group, or nothing of it.
async fn try_together(store: &Inner, group: &[Waiting]) -> Result<Vec<Result<Written, StoreError>>, Undone> {
    let tx = Tx::begin(store, Manner::Group).await.map_err(Undone::Certainly)?;
    match run_together(&tx, group).await {
        Ok(answers) => match tx.commit().await {
            Ok(()) => Ok(answers),
            Err(error) if error.is_refusal() => Err(Undone::Certainly(error)),
            Err(error) => Err(Undone::Perhaps(error)),
        },
        Err(error) => {
            let _ = tx.roll_back().await;
            Err(Undone::Certainly(error))
        }
    }
}

/// Writes all of a group. That a lease is lost is an answer, and all other errors are the group's.
async fn run_together(tx: &Tx<'_>, group: &[Waiting]) -> Result<Vec<Result<Written, StoreError>>, StoreError> {
    let of_tasks = |is_in: fn(&Write) -> bool| -> Vec<TaskId> {
        let writes = group.iter().map(|waiting| &waiting.write).filter(|write| is_in(write));
        writes.filter_map(|write| Some(write.lease()?.task)).collect()
    };
    let (counting, all) = (of_tasks(Write::is_counting), of_tasks(|_| true));
    let owners = task::lock(tx, &counting, &all).await?;
    // Steps of one instance see each other's counts, so they are taken one after the other.
    let mut lanes: BTreeMap<Option<i64>, Vec<usize>> = BTreeMap::new();
    for (place, waiting) in group.iter().enumerate() {
        let instance = waiting.write.lease().and_then(|lease| owners.get(&lease.task.0).copied());
        lanes.entry(instance).or_default().push(place);
    }
    let lane = |places: Vec<usize>| -> BoxFuture<'_, Result<Vec<_>, StoreError>> {
        Box::pin(async move {
            let mut answers = Vec::new();
            for place in places {
                match group[place].write.run(tx).await {
                    Err(error) if error.kind() != StoreErrorKind::LeaseLost => return Err(error),
                    answer => answers.push((place, answer)),
                }
            }
            Ok(answers)
        })
    };
    let written = tx::all(lanes.into_values().map(lane).collect()).await;
    let mut answers: Vec<_> = written.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    answers.sort_by_key(|(place, _)| *place);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}
