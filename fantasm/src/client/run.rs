//! An instance as those see it who started it.

use std::time::Duration;

use tokio::sync::broadcast;

use super::{Client, RetryError, RunError};
use crate::{
    id::InstanceId,
    machine::{Machine, MachineDescriptor, StateDescriptor},
    patience::{PATIENCE, patiently},
    store::{FailedTask, Instance, InstanceStatus, LogEntry, Step, StoreError},
};

/// How often a waiter looks by itself, should another process have ended its instance.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// A running or ended instance.
#[derive(Debug, Clone)]
pub struct Run {
    pub(super) client: Client,
    pub(super) id: InstanceId,
}

impl Run {
    /// The instance's number.
    #[must_use]
    pub fn id(&self) -> InstanceId {
        self.id
    }

    /// Looks at the instance as it is now.
    ///
    /// # Errors
    /// [`RunError::Unknown`], and those of the store.
    pub async fn inspect(&self) -> Result<Instance, RunError> {
        self.client.store.instance(self.id).await?.ok_or(RunError::Unknown(self.id))
    }

    /// Ends the instance: nothing of it is run any more, and what runs of it cannot commit. Answers whether it was active.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn cancel(&self) -> Result<bool, StoreError> {
        self.client.store.cancel(self.id).await
    }

    /// Tries the failed tasks again, from where they failed and with a new count of attempts; answers how many there were.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn retry(&self) -> Result<u64, StoreError> {
        self.client.store.retry(self.id, None).await
    }

    /// Tries the failed tasks again, but in another state of the machine, with the contexts they had; answers how many there
    /// were. It is for what cannot succeed where it failed.
    ///
    /// They enter that state as after a failure: nothing is left, a continuation begins with its first page, and the step has
    /// a key of its own. What failed in that very state, or in a fan-in, is tried as it is.
    ///
    /// # Errors
    /// [`RetryError::State`] when the machine has no such state, [`RetryError::FanIn`] when it is a fan-in;
    /// [`RetryError::Names`] when what has failed in it is stored under several of its names; [`RetryError::Machine`] when the
    /// run is one of another machine; and those of the store.
    pub async fn retry_from<M: Machine>(&self, state: &str) -> Result<u64, RetryError> {
        let MachineDescriptor { name, renamed_from, .. } = M::DESCRIPTOR;
        let instance = self.client.store.instance(self.id).await?;
        let is_other = |machine: &str| machine != *name && !renamed_from.contains(&machine);
        if instance.as_ref().is_some_and(|instance| is_other(&instance.machine)) {
            return Err(RetryError::Machine { id: self.id, machine: name });
        }
        match M::DESCRIPTOR.state(state) {
            None => Err(RetryError::State { machine: name, state: state.to_owned() }),
            Some(state) if state.fan_in.is_some() => Err(RetryError::FanIn { machine: name, state: state.name }),
            Some(state) => {
                let failed = instance.map(|instance| instance.failed).unwrap_or_default();
                let into = stored_name(state, &failed).ok_or(RetryError::Names { machine: name, state: state.name })?;
                Ok(self.client.store.retry(self.id, Some(into.to_owned())).await?)
            }
        }
    }

    /// Leaves the instance's tasks alone until it is resumed; what runs goes on. Answers whether it was active.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pause(&self) -> Result<bool, StoreError> {
        self.client.store.set_instance_paused(self.id, true).await
    }

    /// Runs the instance's tasks again. Answers whether it was active.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(&self) -> Result<bool, StoreError> {
        self.client.store.set_instance_paused(self.id, false).await
    }

    /// The attempts at the instance's tasks, in the order of their commits.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn history(&self) -> Result<Vec<Step>, StoreError> {
        self.client.store.history(self.id).await
    }

    /// What the instance's actions have logged, in order; empty unless its machine says `logging: persistent`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn log(&self) -> Result<Vec<LogEntry>, StoreError> {
        self.client.store.log(self.id).await
    }

    /// Waits until the instance has ended, wherever its workers are. A store that does not answer is asked again, for up to five
    /// minutes.
    ///
    /// # Errors
    /// [`RunError::Failed`] when a task was given up; [`RunError::WorkerStopped`] when this run's client belongs to a
    /// worker that had to stop; [`RunError::Unknown`] and those of the store. An instance that was halted is no error.
    ///
    /// # Cancel safety
    /// Dropping the future stops the waiting, not the instance.
    pub async fn finished(&self) -> Result<Instance, RunError> {
        let mut ended = self.client.store.notifier().ended();
        loop {
            let instance = self.look().await?;
            match instance.status {
                InstanceStatus::Active => self.wait_for_news(&mut ended).await?,
                InstanceStatus::Finished | InstanceStatus::Halted => return Ok(instance),
                InstanceStatus::Failed => return Err(RunError::Failed(Box::new(instance))),
                InstanceStatus::Cancelled => return Err(RunError::Cancelled(self.id)),
            }
        }
    }

    /// Looks at the instance, as often as a store needs that does not answer at present.
    async fn look(&self) -> Result<Instance, RunError> {
        tokio::select! {
            biased;
            instance = patiently(PATIENCE, || self.client.store.instance(self.id)) => {
                instance?.ok_or(RunError::Unknown(self.id))
            }
            error = self.worker_stopped() => Err(RunError::WorkerStopped(error)),
        }
    }

    /// Waits until it is worth looking again.
    async fn wait_for_news(&self, ended: &mut broadcast::Receiver<InstanceId>) -> Result<(), RunError> {
        let this_one = async {
            // A waiter that lagged behind does not know what it missed, and so looks.
            while let Ok(id) = ended.recv().await {
                if id == self.id {
                    break;
                }
            }
        };
        tokio::select! {
            () = this_one => Ok(()),
            () = tokio::time::sleep(POLL_INTERVAL) => Ok(()),
            error = self.worker_stopped() => Err(RunError::WorkerStopped(error)),
        }
    }

    async fn worker_stopped(&self) -> StoreError {
        if let Some(mut stopped) = self.client.stopped.clone()
            && let Ok(Some(error)) = stopped.wait_for(Option::is_some).await.as_deref()
        {
            return error.clone();
        }
        std::future::pending().await
    }
}

/// The name of a state by which a store finds those that have failed in it, lest it begins them anew: its present one, or an
/// earlier one under which they are stored. None where they are stored under several.
fn stored_name<'s>(state: &'s StateDescriptor, failed: &[FailedTask]) -> Option<&'s str> {
    let has_failed = |name: &&&str| failed.iter().any(|task| task.hop.to() == Some(**name));
    let mut names = std::iter::once(&state.name).chain(state.renamed_from).filter(has_failed);
    match (names.next(), names.next()) {
        (name, None) => Some(*name.unwrap_or(&state.name)),
        _ => None,
    }
}
