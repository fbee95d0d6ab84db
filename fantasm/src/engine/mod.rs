//! What happens next, and why: pure functions from a task and what became of it to the writes that make it so.
//!
//! ```text
//!            claim                    user code                     step                      commit
//!  store ───────────▶ Task ─────────────────────────▶ Outcome ───────────────▶ Commit ───────────────▶ store
//!                      │  exit, transition, entry,                                (one transaction)
//!                      │  continuation, action
//!                      └──▶ next_page ──▶ NewTask, committed early by `Store::advance`
//! ```
//!
//! Nothing in here reads a clock, a database or a random number: the same input gives the same [`Commit`], which is
//! what simulation and replay rest on.
//!
//! **Why a crash loses nothing and doubles nothing.** A task is either committed with all its effects, or it was
//! never run. Before the commit nothing of the step is stored, except that a continuation's next page has its task;
//! the store notes that on the page's own task, so that a second attempt does not make it again. After the commit the
//! task is gone, so that nobody can run it again; a worker that lost its lease meanwhile is refused by the fence.

mod commit;
mod completion;
mod continuation;
mod failure;
mod fan_in;
mod join;
mod path;
mod step;
mod task;
#[cfg(test)]
mod tests;

pub use self::{
    commit::{Closing, Commit, LogLevel, LogLine, NewInstance, NewPackage, NewTask, Next, Verdict},
    completion::{Completion, OnEnd},
    task::{Hop, Task},
};
pub(crate) use self::{
    continuation::next_page,
    path::{Path, UnknownName},
    step::{Effects, Ending, Outcome, Start, start, step},
};
