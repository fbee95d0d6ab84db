//! The example programs, run as anybody runs them: as processes, with their output and their exit code.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to panic")]

mod analytics;
mod census;
mod crash;
mod postgres;
mod program;
mod quickstart;
mod refusal;
mod tree;
