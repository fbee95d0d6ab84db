//! Identities: of instances, tasks, windows and workers.

use std::fmt;

use uuid::Uuid;

/// Numbers an instance within its store; assigned by the store when the instance starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(pub i64);

/// Numbers a task within its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub i64);

/// Numbers a fan-in window within its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowId(pub i64);

/// Names one life of a worker: a worker that starts again has a new one, so that it never takes itself for its dead
/// predecessor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub Uuid);

impl WorkerId {
    /// Draws a new identity.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

/// The deterministic key of a task: the same on every attempt, different for every task there ever was.
///
/// An instance draws the key of its first task at random; every later key is derived from the key of the task that
/// made it (UUID version 5, [RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.5)), so that a step that is
/// run again makes the same keys again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey(pub Uuid);

impl TaskKey {
    /// Draws the key of an instance's first task.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Derives the key of a task that begins anew in another state: it is another step.
    #[must_use]
    pub fn anew(self) -> Self {
        self.child("anew", 0)
    }

    /// Derives the key of the `ordinal`-th task that this task makes in the named `role`.
    #[must_use]
    pub fn child(self, role: &str, ordinal: usize) -> Self {
        Self(Uuid::new_v5(&self.0, format!("{role}:{ordinal}").as_bytes()))
    }
}

macro_rules! display_as_inner {
    ($($id:ident),+) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}
display_as_inner!(InstanceId, TaskId, WindowId, WorkerId, TaskKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_key_depends_on_parent_role_and_ordinal_alone() {
        let parent = TaskKey(Uuid::nil());
        assert_eq!(parent.child("fork", 1), parent.child("fork", 1));
        assert_ne!(parent.child("fork", 1), parent.child("fork", 2));
        assert_ne!(parent.child("fork", 1), parent.child("next", 1));
        assert_ne!(parent.child("fork", 1), parent.child("fork", 1).child("fork", 1));
    }
}
