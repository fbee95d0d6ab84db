//! Machines that fantasm brings along: written by hand as generated code would be, and run by workers like any other.
//!
//! Their names have a dot, which no machine of a fsm.yaml may have. Their tasks wait in a queue of their own, that every worker
//! serves which runs them, whatever other queues it serves; so that an operator can pause them apart from all others.

mod retention;

pub(crate) use self::retention::Sweeper;
use crate::{registry::Registration, store::NewInstance};

/// The queue of the tasks of these machines.
pub(crate) const QUEUE: &str = "fantasm";

/// Sweeps away what has ended long ago.
pub(crate) static RETENTION: Registration = retention::REGISTRATION;

/// The instance of [`RETENTION`] in a store: one, however many workers start it.
pub(crate) fn retention() -> NewInstance {
    retention::instance()
}
