//! Tests of your machines: a worker on a clock that you move, crashes at every call, and which transitions were taken.

mod coverage;
mod faulty;
mod step_worker;
mod sweep;

pub use self::{
    coverage::{Coverage, Taken},
    faulty::{Call, Faults, FaultyStore},
    step_worker::StepWorker,
    sweep::{Crash, CrashSweep, End, Scenario, Sweep},
};
pub use crate::clock::ManualClock;
