//! Machines that fantasm brings along: written by hand as generated code would be, and run by workers like any other.
//!
//! Their names have a dot, which no machine of a fsm.yaml may have. Their tasks wait in a queue of their own, that every worker
//! serves which runs them, whatever other queues it serves; so that an operator can pause them apart from all others.

mod retention;
#[cfg(feature = "webhook")]
mod webhook;

use serde_json::Map;

pub(crate) use self::retention::Sweeper;
#[cfg(feature = "webhook")]
pub(crate) use self::webhook::Postman;
use crate::{engine::OnEnd, registry::Registration, store::NewInstance};

/// The queue of the tasks of these machines.
pub(crate) const QUEUE: &str = "fantasm";

/// Whether a machine has the name of such a one.
pub(crate) fn is_one(machine: &str) -> bool {
    machine.contains('.')
}

/// Sweeps away what has ended long ago.
pub(crate) static RETENTION: Registration = retention::REGISTRATION;

/// The instance of [`RETENTION`] in a store: one, however many workers start it.
pub(crate) fn retention() -> NewInstance {
    retention::instance()
}

/// Posts how an instance has ended.
#[cfg(feature = "webhook")]
pub(crate) static WEBHOOK: Registration = webhook::REGISTRATION;

/// The machine that posts how an instance has ended, in programs that cannot post too.
pub(crate) const WEBHOOK_MACHINE: &str = "fantasm.Webhook";
const WEBHOOK_STATE: &str = "Post";

/// What posts to this address when an instance ends; whoever asks for it need not be able to do so.
pub(crate) fn webhook(url: String) -> OnEnd {
    OnEnd {
        machine: WEBHOOK_MACHINE.to_owned(),
        initial: WEBHOOK_STATE.to_owned(),
        queue: QUEUE.to_owned(),
        target: None,
        context: Map::from_iter([("url".to_owned(), url.into())]),
    }
}
