//! The next page of a continuation.

use crate::{
    engine::{commit::NewTask, task::Task},
    machine::StateDescriptor,
};

/// The task of the page that `token` names: the same hop again with the context the page came with, so that the
/// entry runs once per page and no page sees what another changed.
pub(crate) fn next_page(state: &StateDescriptor, task: &Task, token: String) -> NewTask {
    NewTask {
        key: task.key.child("page", 0),
        hop: task.hop.clone(),
        queue: task.queue.clone(),
        target: task.target.clone(),
        context: task.context.clone(),
        token: Some(token),
        delay: state.continuation_countdown,
        queue_override: task.queue_override.clone(),
        cause: task.cause.clone(),
    }
}
