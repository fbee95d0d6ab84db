//! One task at a time on a clock that is moved: what tests of machines and machines that are run at once have in common.

#[cfg(any(test, feature = "testing"))]
use std::collections::BTreeSet;
use std::{num::NonZeroU32, sync::Arc, time::Duration};

use super::{Dispatched, Shared, dispatch};
#[cfg(any(test, feature = "testing"))]
use crate::id::InstanceId;
use crate::{
    clock::{Clock, ManualClock},
    id::WorkerId,
    store::{Claiming, Store, StoreError, StoreErrorKind},
};

/// A worker that takes one step when it is told to, and moves the clock itself when nothing is due.
#[derive(Debug)]
pub(crate) struct Stepper {
    pub(crate) shared: Shared,
    clock: Arc<ManualClock>,
    id: Option<WorkerId>,
    /// The instances that it has run tasks of.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) ran: BTreeSet<InstanceId>,
}

impl Stepper {
    const LEASE: Duration = Duration::from_secs(10);

    /// A worker without machines on that store, whose clock it shares.
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<ManualClock>) -> Self {
        let shared = Shared::new(store, Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            shared,
            clock,
            id: None,
            #[cfg(any(test, feature = "testing"))]
            ran: BTreeSet::new(),
        }
    }

    /// Runs the next task that is due now; answers whether there was one.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn step_due(&mut self) -> Result<bool, StoreError> {
        let claiming = self.live().await?;
        Ok(self.run_one(claiming).await?.is_some())
    }

    /// Runs the next task, moving the clock to its due time; answers whether there was one.
    pub(crate) async fn step(&mut self) -> Result<bool, StoreError> {
        loop {
            let claiming = self.live().await?;
            match self.run_one(claiming.clone()).await? {
                // It would come back every minute, for ever.
                Some(Dispatched::Unknown) => return Err(unknown_task()),
                Some(_) => return Ok(true),
                None => {}
            }
            let Some(wait) = self.shared.store.next_due(claiming).await? else { return Ok(false) };
            self.clock.advance(wait);
        }
    }

    /// Makes the worker known, or says that it still lives.
    async fn live(&mut self) -> Result<Claiming, StoreError> {
        let store = &self.shared.store;
        let worker = match self.id {
            Some(id) => {
                store.renew(id, Self::LEASE).await?;
                id
            }
            None => {
                self.shared.prepare_store().await?;
                let id = WorkerId::random();
                store.register(id, Self::LEASE).await?;
                *self.id.insert(id)
            }
        };
        Ok(self.shared.claiming(worker, NonZeroU32::MIN))
    }

    async fn run_one(&mut self, claiming: Claiming) -> Result<Option<Dispatched>, StoreError> {
        let Some(claim) = self.shared.store.claim(claiming).await?.pop() else { return Ok(None) };
        #[cfg(any(test, feature = "testing"))]
        self.ran.insert(claim.task.instance);
        let dispatched = dispatch(&self.shared, claim).await?;
        tracing::trace!(?dispatched, "a step was taken");
        Ok(Some(dispatched))
    }
}

fn unknown_task() -> StoreError {
    let message = "a task names a state or an event that these machines do not have: give the worker the machines of the \
                   fsm.yaml that the task was stored by";
    StoreError::new(StoreErrorKind::Internal, message)
}
