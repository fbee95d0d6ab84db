//! What starts when an instance has ended.

use fantasm::{
    Machine, OnFinish, TaskKey,
    store::{Completion, InstanceStatus, Next, OnEnd},
};
use jiff::Timestamp;
use serde_json::json;

use super::{Model, branch::Beginning};
use crate::maze::{
    intent::{REASON, Wish},
    machines::Epilogue,
};

impl Model {
    /// Books the starts of those that follow an end.
    pub(super) fn succeed(&mut self, at: usize, now: Timestamp) {
        for ordinal in 0..self.instances[at].n_successors {
            let saga = &self.instances[at];
            let Some((id, root)) = saga.id.zip(self.root_of_successor(at, ordinal, now)) else { return };
            let context: serde_json::Value = serde_json::from_str(&saga.context).unwrap_or_default();
            let (machine, status) = (saga.machine.name, saga.status.as_str());
            let mut told = json!({"instance": id.0, "machine": machine, "status": status, "context": context});
            if let Some(key) = &saga.key {
                told["key"] = json!(key);
            }
            if saga.status == InstanceStatus::Halted {
                told["reason"] = json!(REASON);
            }
            let wish = Wish { headers: saga.headers.clone(), ..Wish::default() };
            let (context, parent) = (told.to_string(), Some(at));
            self.begin(Beginning { root, machine: Epilogue::DESCRIPTOR, key: None, parent, context, wish }, now);
            self.counts.n_successors += 1;
        }
    }

    /// The key alone is taken from the engine: it is told by the end, whatever there is to tell.
    fn root_of_successor(&self, at: usize, ordinal: usize, now: Timestamp) -> Option<TaskKey> {
        let saga = &self.instances[at];
        let ended = Completion {
            instance: saga.id?,
            machine: saga.machine.name,
            key: None,
            status: "",
            reason: None,
            context: "",
            headers: &saga.headers,
            ended_at: now,
        };
        match OnEnd::from(&OnFinish::new("Epilogue", "Farewell", "")).instance(&ended, ordinal).first {
            Next::Task(first) => Some(first.key),
            Next::Package(_) | Next::Spawn(_) => None,
        }
    }
}
