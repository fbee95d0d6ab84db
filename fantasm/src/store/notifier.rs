//! Wakes those who wait, so that nobody polls in a hurry.

use tokio::sync::{broadcast, watch};

use crate::id::InstanceId;

/// Tells the workers and waiters of this process that a store has changed.
///
/// A notice is a hint: it may be missed (another process wrote) and may be needless. Whoever waits also polls slowly.
#[derive(Debug)]
pub struct Notifier {
    due: watch::Sender<()>,
    ended: broadcast::Sender<InstanceId>,
}

impl Notifier {
    /// How many ends a slow waiter may lag behind before it has to look for itself.
    const ENDED_BUFFER: usize = 1024;

    /// A notifier nobody listens to yet.
    #[must_use]
    pub fn new() -> Self {
        Self { due: watch::Sender::new(()), ended: broadcast::Sender::new(Self::ENDED_BUFFER) }
    }

    /// Says that a task may have become due, or that the next due time may have changed.
    pub fn notify_due(&self) {
        self.due.send_replace(());
    }

    /// Says that an instance has ended.
    pub fn notify_ended(&self, instance: InstanceId) {
        // Without a waiter there is nobody to tell, which is no error.
        let _ = self.ended.send(instance);
    }

    /// Hears of due tasks from now on.
    #[must_use]
    pub fn due(&self) -> watch::Receiver<()> {
        self.due.subscribe()
    }

    /// Hears of ended instances from now on.
    #[must_use]
    pub fn ended(&self) -> broadcast::Receiver<InstanceId> {
        self.ended.subscribe()
    }
}

impl Default for Notifier {
    fn default() -> Self {
        Self::new()
    }
}
