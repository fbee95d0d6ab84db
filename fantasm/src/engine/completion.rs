//! What starts when an instance ends, and what it is told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    engine::{
        commit::{NewInstance, NewTask},
        task::Hop,
    },
    headers::Headers,
    id::{InstanceId, TaskKey},
    machine::OnFinish,
};

/// An instance to be started when another ends; stored with that one, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnEnd {
    /// Its machine.
    pub machine: String,
    /// The machine's initial state, which is no fan-in.
    pub initial: String,
    /// The queue of its first task.
    pub queue: String,
    /// The label that a worker must have to run its first task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Values of its context besides those of the completion.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
}

/// An instance that has ended, as its successors are told of it.
#[derive(Debug, Clone, Copy)]
pub struct Completion<'a> {
    /// The instance.
    pub instance: InstanceId,
    /// Its machine.
    pub machine: &'a str,
    /// The key it was started with.
    pub key: Option<&'a str>,
    /// How it ended: a word of [`InstanceStatus`](crate::store::InstanceStatus).
    pub status: &'a str,
    /// Why it was halted.
    pub reason: Option<&'a str>,
    /// Its last context, as JSON.
    pub context: &'a str,
    /// What travels with it, and goes on to its successors.
    pub headers: &'a Headers,
    /// When it ended.
    pub ended_at: Timestamp,
}

impl From<&OnFinish> for OnEnd {
    fn from(next: &OnFinish) -> Self {
        Self {
            machine: next.machine.to_owned(),
            initial: next.initial.to_owned(),
            queue: next.queue.to_owned(),
            target: next.target.map(str::to_owned),
            context: Map::new(),
        }
    }
}

impl OnEnd {
    /// The instance to start, the `ordinal`-th of those that the ended one has named.
    ///
    /// Its context is `instance`, `machine`, `key`, `status`, `reason` and `context` of the one that has ended, as far as
    /// there are such, and what else was given with it.
    #[must_use]
    pub fn instance(&self, ended: &Completion<'_>, ordinal: usize) -> NewInstance {
        let context = Value::Object(ended.told(self.context.clone())).to_string();
        let hop = Hop::Start { to: self.initial.clone() };
        let first = NewTask::new(ended.task_key(ordinal), hop, self.queue.clone(), context.clone());
        let first = NewTask { target: self.target.clone(), ..first };
        NewInstance {
            parent: Some(ended.instance),
            headers: ended.headers.clone(),
            ..NewInstance::new(self.machine.clone(), context, first)
        }
    }
}

impl Completion<'_> {
    fn told(&self, mut told: Map<String, Value>) -> Map<String, Value> {
        // A context was written by serde_json, so it is JSON; were it not, its text would be told.
        let context = serde_json::from_str(self.context).unwrap_or_else(|_| self.context.into());
        let told_of = [
            ("instance", Some(self.instance.0.into())),
            ("machine", Some(self.machine.into())),
            ("key", self.key.map(Value::from)),
            ("status", Some(self.status.into())),
            ("reason", self.reason.map(Value::from)),
            ("context", Some(context)),
        ];
        told.extend(told_of.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        told
    }

    /// The same for one end however often it is asked; an instance that is retried ends another time.
    fn task_key(&self, ordinal: usize) -> TaskKey {
        let end = format!("{}:{}:{}", self.machine, self.instance, self.ended_at);
        TaskKey(Uuid::new_v5(&Uuid::NAMESPACE_OID, end.as_bytes())).child("end", ordinal)
    }
}
