//! Retention: a machine that sweeps away what has ended long ago, batch by batch, and then rests.
//!
//! ```text
//!          more than a batch        ┌─────────┐  swept: nothing is left to sweep, for an hour
//!     ┌──────────────────────────── │  Sweep  │ ────────────────────────────────────────────┐
//!     └────────────────────────────▶└─────────┘◀────────────────────────────────────────────┘
//! ```
//!
//! Each step leaves one task behind in the place of its own and no history, so that its rows do not grow in number.

use std::{marker::PhantomData, num::NonZeroU32, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::QUEUE;
use crate::{
    Result,
    action::{Action, BoxFuture, Env},
    answer::Event,
    clock::Clock,
    context::Context,
    engine::{self, NewInstance, Start},
    erased::{CodecOf, Ongoing},
    id::TaskKey,
    machine::{Countdown, Machine, MachineDescriptor, StateDescriptor, TransitionDescriptor},
    registry::{Registration, StateActions},
    store::Store,
};

/// How long it rests when nothing is left to sweep.
const REST: Duration = Duration::from_secs(3600);

/// How many instances go in one transaction, so that nobody waits long behind it.
const BATCH: NonZeroU32 = NonZeroU32::new(200).expect("it is not zero");

/// The key of the only instance.
const KEY: &str = "retention";

const DESCRIPTOR: MachineDescriptor = MachineDescriptor::new(
    "fantasm.Retention",
    &[StateDescriptor::new("Sweep").transitions(&[
        TransitionDescriptor::new("more", 0).queue(QUEUE),
        TransitionDescriptor::new("swept", 0).queue(QUEUE).countdown(Countdown::Fixed(REST)),
    ])],
)
.queue(QUEUE)
.without_history();

/// The machine's context: it needs none.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Retention {}

impl Machine for Retention {
    const DESCRIPTOR: &'static MachineDescriptor = &DESCRIPTOR;
}

pub(super) const REGISTRATION: Registration = Registration::new(
    &DESCRIPTOR,
    &CodecOf::<Retention>(PhantomData),
    &[StateActions::new().action(&Ongoing::<Retention, Swept, Sweep>(PhantomData))],
);

pub(super) fn instance() -> NewInstance {
    let start = Start { key: Some(KEY.to_owned()), ..Start::new(&DESCRIPTOR, "{}".to_owned()) };
    engine::start(TaskKey::random(), start, None)
}

/// What a worker lends to the machine: its store, and how long it keeps what has ended.
#[derive(Debug, Clone)]
pub(crate) struct Sweeper {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keep: Duration,
}

impl Sweeper {
    async fn sweep(&self) -> Result<Swept> {
        // Before the beginning of time nothing has ended.
        let ended_before = self.clock.now().checked_sub(self.keep).unwrap_or(Timestamp::MIN);
        let n_swept = self.store.purge(ended_before, BATCH).await?;
        if n_swept > 0 {
            tracing::info!(n_swept, "instances that ended long ago were removed");
        }
        Ok(if n_swept < u64::from(BATCH.get()) { Swept::All } else { Swept::Batch })
    }
}

/// What a sweep has come to.
#[derive(Debug, Clone, Copy)]
enum Swept {
    /// There may be more.
    Batch,
    /// Nothing is left.
    All,
}

impl Event for Swept {
    const STATE: &'static str = "Sweep";
    const NAMES: &'static [&'static str] = &["more", "swept"];

    fn name(self) -> &'static str {
        match self {
            Self::Batch => "more",
            Self::All => "swept",
        }
    }
}

/// The action of the only state.
struct Sweep;

impl Action<Retention> for Sweep {
    type Input = ();
    type Output = Result<Swept>;

    fn call<'a>(_: &'a mut Context<Retention>, (): (), env: Env<'a>) -> BoxFuture<'a, Result<Self::Output>> {
        Box::pin(async move { Ok(env.services.get::<Sweeper>()?.sweep().await) })
    }
}
