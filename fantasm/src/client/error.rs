//! What may go wrong with a start and with a run.

use crate::{
    codec::ContextError,
    id::InstanceId,
    store::{FailedTask, Instance, StoreError},
    worker::WorkerError,
};

/// Why an instance could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The context cannot be stored: it is too large, or no JSON.
    #[error("the instance was not started")]
    Context(#[from] ContextError),
    /// It was to be a new one ([`Start::new_only`](crate::Start::new_only)), and there is one with its key.
    #[error("machine `{machine}` has been started with the key `{key}` before: it is instance {id}")]
    Exists {
        /// The machine.
        machine: &'static str,
        /// The key.
        key: String,
        /// The instance that has it.
        id: InstanceId,
    },
    /// The store did not take it.
    #[error("the instance was not started")]
    Store(#[from] StoreError),
}

/// Why failed tasks could not be tried again in another state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    /// There is no such state to go on in.
    #[error("machine `{machine}` has no state `{state}`; name one of its fsm.yaml")]
    State {
        /// The machine.
        machine: &'static str,
        /// The state that was asked for.
        state: String,
    },
    /// The state takes no single branch.
    #[error(
        "state `{state}` of machine `{machine}` is a fan-in, which gathers what leads into it; name a state before it"
    )]
    FanIn {
        /// The machine.
        machine: &'static str,
        /// The state that was asked for.
        state: &'static str,
    },
    /// What has failed in the state is stored under several of its names.
    #[error(
        "what has failed in state `{state}` of machine `{machine}` is stored under several names of it; \
         try it as it is, with `Run::retry`"
    )]
    Names {
        /// The machine.
        machine: &'static str,
        /// The state that was asked for.
        state: &'static str,
    },
    /// The run is not one of that machine.
    #[error("instance {id} is not one of machine `{machine}`")]
    Machine {
        /// The instance.
        id: InstanceId,
        /// The machine whose state was asked for.
        machine: &'static str,
    },
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a run could not be followed to a good end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A task of the instance was given up. The instance is kept with its errors.
    #[error("instance {} of machine `{}` failed: {}; `Run::retry` tries again what has failed", .0.id, .0.machine, errors(.0))]
    Failed(Box<Instance>),
    /// Somebody cancelled the instance.
    #[error("instance {0} was cancelled")]
    Cancelled(InstanceId),
    /// The store has no such instance.
    #[error("the store has no instance {0}")]
    Unknown(InstanceId),
    /// The worker beside this client had to stop. The instance goes on when a worker starts again.
    #[error("the worker had to stop; start it again and the instance goes on")]
    WorkerStopped(#[source] StoreError),
    /// It was to be run at once, and took more steps than it may.
    #[error("the run did not end within {limit} steps{}; raise the limit with `.max_steps(…)` if it needs more", last(.error.as_deref()))]
    TooManySteps {
        /// How many steps it may take.
        limit: u32,
        /// What went wrong at last, if anything did: a task without retry limits may fail for ever.
        error: Option<String>,
    },
    /// It was to be run at once, and could not be started.
    #[error(transparent)]
    NotStarted(#[from] StartError),
    /// It was to be run at once, and something that it needs is missing.
    #[error(transparent)]
    NotRunnable(#[from] WorkerError),
    /// It was to be run at once, and some action of the machines that were given needs a database.
    #[error(
        "an action of state `{state}` of machine `{machine}` takes a `Transaction`, and a run at once has no database; run it by \
         a worker on one (`SqliteStore`, `PostgresStore`), or leave the machine out"
    )]
    NoTransactions {
        /// The machine.
        machine: &'static str,
        /// The state.
        state: &'static str,
    },
    /// The context that it left cannot be read.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The last error of a run that was given up.
fn last(error: Option<&str>) -> String {
    error.map(|error| format!(" (its last error: {error})")).unwrap_or_default()
}

/// How many of the errors of an instance are told; all of them are in [`Instance::failed`].
const MAX_ERRORS: usize = 3;

/// The errors of the tasks that were given up, each with its place.
fn errors(instance: &Instance) -> String {
    let error = |task: &FailedTask| {
        let place = task.hop.to().or(task.hop.from()).unwrap_or_default();
        format!("{} (state `{place}`, attempt {})", task.error, task.attempts)
    };
    let told = instance.failed.iter().take(MAX_ERRORS).map(error).collect::<Vec<_>>().join("; ");
    match instance.failed.len().saturating_sub(MAX_ERRORS) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{id::TaskId, store::Hop};

    #[test]
    fn a_failed_run_tells_a_few_errors_and_what_to_do() {
        let mut instance = Instance::new(InstanceId(7), "Batch", "{}", Timestamp::UNIX_EPOCH);
        for n in 1..=300 {
            let hop = Hop::Start { to: "Send".to_owned() };
            instance.failed.push(FailedTask::new(TaskId(n), hop, "", 2, format!("broken {n}")));
        }
        assert_eq!(
            RunError::Failed(Box::new(instance)).to_string(),
            "instance 7 of machine `Batch` failed: broken 1 (state `Send`, attempt 2); broken 2 (state `Send`, attempt 2); \
             broken 3 (state `Send`, attempt 2); and 297 more; `Run::retry` tries again what has failed"
        );
    }
}
