//! Everything that takes a transaction, as values: they are repeated when the database asks for it, and grouped.

use std::num::NonZeroU32;

use jiff::Timestamp;

use super::{fan_in, instance, purge, queue, task, tx::Tx, worker};
use crate::{
    engine::{Commit, NewInstance, NewTask, Next, Verdict},
    id::{InstanceId, TaskId, WorkerId},
    store::{Lease, Started, StoreError, StoreErrorKind},
};

/// What is written by one transaction.
pub(super) enum Write {
    Start(Vec<NewInstance>),
    Advance(Lease, NewTask),
    Commit(Lease, Commit),
    Seal(Lease),
    Rescue,
    Retire(WorkerId),
    Cancel(InstanceId),
    Retry(InstanceId, Option<String>),
    PauseInstance(InstanceId, bool),
    PauseQueue(String, bool),
    Purge(Timestamp, NonZeroU32),
}

/// What became of it.
pub(super) enum Written {
    Nothing,
    Whether(bool),
    Count(u64),
    Started(Vec<Started>),
    Sealed(Vec<String>),
}

impl Write {
    pub(super) fn lease(&self) -> Option<&Lease> {
        match self {
            Self::Advance(lease, _) | Self::Commit(lease, _) => Some(lease),
            _ => None,
        }
    }

    /// Whether nobody may share its transaction: an instance that is ended takes the tasks of others with it.
    pub(super) fn is_alone(&self) -> bool {
        match self {
            Self::Commit(_, commit) => matches!(commit.verdict, Verdict::Halt { .. }),
            _ => false,
        }
    }

    /// Whether a step's own SQL is part of it.
    pub(super) fn has_statements(&self) -> bool {
        matches!(self, Self::Commit(_, commit) if !commit.statements.is_empty())
    }

    /// Whether it changes the numbers of its instance's branches. A branch that simply goes on does not.
    pub(super) fn is_counting(&self) -> bool {
        let Self::Commit(_, commit) = self else { return matches!(self, Self::Advance(..)) };
        match &commit.verdict {
            Verdict::Done { next, .. } => {
                let n_tasks = next.iter().filter(|next| matches!(next, Next::Task(_))).count();
                let has_package = next.iter().any(|next| matches!(next, Next::Package(_)));
                n_tasks != 1 || has_package
            }
            Verdict::Retry { .. } => false,
            Verdict::Fail { .. } | Verdict::Halt { .. } => true,
        }
    }

    /// Writes it by itself: what it is about is locked first.
    pub(super) async fn run_alone(&self, tx: &Tx<'_>) -> Result<Written, StoreError> {
        if let Some(lease) = self.lease() {
            let counting: &[TaskId] = if self.is_counting() { &[lease.task] } else { &[] };
            task::lock(tx, counting, &[lease.task]).await?;
        }
        self.run(tx).await
    }

    /// Writes it; what it is about is locked.
    pub(super) async fn run(&self, tx: &Tx<'_>) -> Result<Written, StoreError> {
        match self {
            Self::Start(instances) => {
                let mut started = Vec::new();
                for instance in instances {
                    started.push(instance::start(tx, instance).await?);
                }
                Ok(Written::Started(started))
            }
            Self::Advance(lease, next) => task::advance(tx, lease, next).await.map(Written::Whether),
            Self::Commit(lease, commit) => task::commit(tx, lease, commit).await.map(|()| Written::Nothing),
            Self::Seal(lease) => fan_in::seal(tx, lease).await.map(Written::Sealed),
            Self::Rescue => worker::rescue(tx).await.map(|()| Written::Nothing),
            Self::Retire(worker) => worker::retire(tx, *worker).await.map(|()| Written::Nothing),
            Self::Cancel(id) => instance::cancel(tx, *id).await.map(Written::Whether),
            Self::Retry(id, into) => instance::retry(tx, *id, into.as_deref()).await.map(Written::Count),
            Self::PauseInstance(id, is_paused) => instance::set_paused(tx, *id, *is_paused).await.map(Written::Whether),
            Self::PauseQueue(queue, is_paused) => {
                queue::set_paused(tx, queue, *is_paused).await.map(|()| Written::Nothing)
            }
            Self::Purge(ended_before, limit) => purge::purge(tx, *ended_before, *limit).await.map(Written::Count),
        }
    }
}

impl Written {
    pub(super) fn nothing(self) -> Result<(), StoreError> {
        if let Self::Nothing = self { Ok(()) } else { Err(mixed_up()) }
    }

    pub(super) fn whether(self) -> Result<bool, StoreError> {
        if let Self::Whether(answer) = self { Ok(answer) } else { Err(mixed_up()) }
    }

    pub(super) fn count(self) -> Result<u64, StoreError> {
        if let Self::Count(count) = self { Ok(count) } else { Err(mixed_up()) }
    }

    pub(super) fn started(self) -> Result<Vec<Started>, StoreError> {
        if let Self::Started(started) = self { Ok(started) } else { Err(mixed_up()) }
    }

    pub(super) fn sealed(self) -> Result<Vec<String>, StoreError> {
        if let Self::Sealed(contexts) = self { Ok(contexts) } else { Err(mixed_up()) }
    }
}

fn mixed_up() -> StoreError {
    StoreError::new(StoreErrorKind::Internal, "a write was answered as another one is")
}
