//! How many branches an instance has, as databases keep it.

use std::ops::AddAssign;

/// The numbers of an instance's branches, or a change of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Branches {
    /// Tasks that are scheduled or running.
    pub(super) live: i64,
    /// Of these, fan-ins that wait for all the others.
    pub(super) waiting: i64,
}

impl AddAssign for Branches {
    fn add_assign(&mut self, other: Self) {
        self.live += other.live;
        self.waiting += other.waiting;
    }
}
