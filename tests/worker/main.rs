//! The worker as it runs in programs: many tasks at once, heartbeats, shutdown, and stores that fail it.
//!
//! Time is tokio's paused time: it moves on when everybody waits, so that nothing here takes long or depends on the machine.

#![cfg(test)]

mod builder;
mod concurrency;
mod context;
mod job;
mod labels;
mod lease;
mod log;
mod outage;
mod panic;
mod processes;
mod retention;
mod shutdown;
mod skew;
mod telemetry;
mod webhook;
mod world;

/// What fsm.yaml declares.
mod machines {
    include!(concat!(env!("OUT_DIR"), "/worker/fantasm.rs"));
}
