//! Errors that user code meets: none, or as a seed says.

use std::sync::{Arc, Mutex, PoisonError};

/// Strikes actions now and then, or never.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weather(Arc<Mutex<Option<fastrand::Rng>>>);

/// An error that the next attempt need not meet.
#[derive(Debug, thiserror::Error)]
#[error("struck by lightning, as the test wants it")]
struct Lightning;

impl Weather {
    /// Lets one action in four fail.
    pub(crate) fn stormy(rng: fastrand::Rng) -> Self {
        Self(Arc::new(Mutex::new(Some(rng))))
    }

    /// Fails the action that asks, perhaps.
    pub(crate) fn strike(&self) -> fantasm::Result<()> {
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_struck = rng.as_mut().is_some_and(|rng| rng.u8(..4) == 0);
        if is_struck { Err(Lightning.into()) } else { Ok(()) }
    }
}
