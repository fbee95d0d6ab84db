//! Why a worker does not start.

/// Why a worker did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// It was given no machine.
    #[error("the worker has no machines to run; give it some with `.machines(machines::all())`")]
    NoMachines,
    /// It was given two machines of one name, which its tasks could not tell apart.
    #[error("the worker was given two machines named `{0}`; rename one in its fsm.yaml")]
    MachineTwice(&'static str),
    /// It was given an empty name, which no task has.
    #[error("the name of a {0} is empty; name one, or leave it out")]
    EmptyName(&'static str),
    /// A machine is to be run that it was not given.
    #[error("machine `{0}` is not among the machines to be run; give them all with `machines::all()`")]
    MissingMachine(&'static str),
    /// Its webhooks could not be signed.
    #[cfg(feature = "webhook")]
    #[error("the secret of webhooks is `whsec_` and 24 to 64 bytes in Base64; make one with `openssl rand -base64 32`")]
    WebhookSecret,
    /// Some action asks for a service that it lacks.
    #[error(
        "an action of machine `{machine}` takes `&{service}`, which the worker lacks; give it one with `.service(…)`"
    )]
    MissingService {
        /// The machine.
        machine: &'static str,
        /// The type of the service.
        service: &'static str,
    },
    /// Some action takes the step's transaction, and the store has no SQL.
    #[error(
        "an action of state `{state}` of machine `{machine}` takes a `Transaction`, but the store has no SQL; use one on a \
         database"
    )]
    NoTransactions {
        /// The machine.
        machine: &'static str,
        /// The state.
        state: &'static str,
    },
}
