//! What befalls one process: it waits for its turns, dies, and hears nothing or too late from its store.

use std::sync::{Mutex, PoisonError};

use fantasm::{
    BoxFuture,
    store::{StoreError, StoreErrorKind},
    testing::{Call, Faults},
};
use fantasm_tests::Gate;

#[derive(Debug)]
pub(crate) struct Fate {
    gate: Gate,
    luck: Mutex<Luck>,
}

#[derive(Debug)]
struct Luck {
    rng: fastrand::Rng,
    is_dead: bool,
    /// Of 256 calls so many kill the process, half of them before they reach the store.
    deadly: u8,
    /// Of 256 calls so many are not answered, half of them although they took effect.
    unanswered: u8,
}

impl Fate {
    pub(crate) fn new(gate: Gate, mut rng: fastrand::Rng) -> Self {
        let (deadly, unanswered) = (rng.u8(..8), rng.u8(..12));
        Self { gate, luck: Mutex::new(Luck { rng, is_dead: false, deadly, unanswered }) }
    }

    fn strike(&self, call: Call) -> Result<(), StoreError> {
        let mut luck = self.luck.lock().unwrap_or_else(PoisonError::into_inner);
        let drawn = u16::from(luck.rng.u8(..)) * 2;
        let (deadly, unanswered) = (u16::from(luck.deadly), u16::from(luck.unanswered));
        luck.is_dead |= drawn < deadly;
        if luck.is_dead {
            return Err(StoreError::new(StoreErrorKind::Internal, "the process has died, as the seed wants it"));
        }
        // A worker that does not hear what it was given gives up, and so its tasks.
        let is_repeated = matches!(call, Call::Advance | Call::Seal | Call::Commit);
        if is_repeated && drawn < deadly + unanswered {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "no answer, as the seed wants it"));
        }
        Ok(())
    }
}

impl Faults for Fate {
    fn before(&self, call: Call) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.gate.pass().await;
            self.strike(call)
        })
    }

    fn after(&self, call: Call, _: Option<&StoreError>) -> Result<(), StoreError> {
        self.strike(call)
    }
}
