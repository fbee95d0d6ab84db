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
    /// The instances that are to start now, of those that the ended one has named.
    #[must_use]
    pub fn successors(&self, on_end: &[OnEnd]) -> Vec<NewInstance> {
        on_end.iter().zip(0..).map(|(next, ordinal)| next.instance(self, ordinal)).collect()
    }

    fn told(&self, mut told: Map<String, Value>) -> Map<String, Value> {
        // A context was written by serde_json, so it is JSON; were it not, its text would be told, as is that of one which
        // nobody could read a level deeper.
        let context = serde_json::from_str(self.context).ok().filter(|context| depth(context) < MAX_DEPTH);
        let context = context.unwrap_or_else(|| self.context.into());
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

/// How deep lists and objects may be nested for `serde_json` to read them.
const MAX_DEPTH: usize = 127;

/// How deep lists and objects are nested.
fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    deepest.unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Next;

    fn ended(headers: &Headers) -> Completion<'_> {
        Completion {
            instance: InstanceId(7),
            machine: "Haul",
            key: Some("spring"),
            status: "halted",
            reason: Some("enough"),
            context: r#"{"n": 1}"#,
            headers,
            ended_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_successor_is_told_all_that_there_is_to_tell() {
        let mut headers = Headers::default();
        headers.insert("trace", "7");
        let next = OnFinish::new("Next", "Begin", "told").target("gpu");
        let next = OnEnd { context: Map::from_iter([("url".to_owned(), "x".into())]), ..OnEnd::from(&next) };
        let new = next.instance(&ended(&headers), 1);
        assert_eq!((new.machine.as_str(), new.parent, &new.headers), ("Next", Some(InstanceId(7)), &headers));
        let Next::Task(first) = &new.first else { panic!("a task: {:?}", new.first) };
        assert_eq!(
            (first.hop.to(), first.queue.as_str(), first.target.as_deref()),
            (Some("Begin"), "told", Some("gpu"))
        );
        assert_eq!(first.context, new.context);
        let told = serde_json::json!({
            "instance": 7, "machine": "Haul", "key": "spring", "status": "halted", "reason": "enough",
            "context": {"n": 1}, "url": "x",
        });
        assert_eq!(serde_json::from_str::<Value>(&new.context).unwrap(), told);
    }

    #[test]
    fn each_successor_that_was_named_starts() {
        let headers = Headers::default();
        let names = ["Next", "After"].map(|name| OnEnd::from(&OnFinish::new(name, "Begin", "told")));
        let ended = ended(&headers);
        let expected: Vec<_> = names.iter().zip(0..).map(|(next, ordinal)| next.instance(&ended, ordinal)).collect();
        assert_eq!(ended.successors(&names), expected);
        assert_eq!(expected.iter().map(|new| new.machine.as_str()).collect::<Vec<_>>(), ["Next", "After"]);
        assert_eq!(ended.successors(&[]), []);
    }

    #[test]
    fn what_there_is_not_is_not_told() {
        let headers = Headers::default();
        let nothing = Completion { key: None, reason: None, ..ended(&headers) };
        let next = OnEnd::from(&OnFinish::new("Next", "Begin", "told"));
        let told: Map<String, Value> = serde_json::from_str(&next.instance(&nothing, 0).context).unwrap();
        assert_eq!(told.keys().collect::<Vec<_>>(), ["context", "instance", "machine", "status"]);
    }

    #[test]
    fn a_context_is_told_as_text_where_it_would_be_too_deep_to_read() {
        let headers = Headers::default();
        let next = OnEnd::from(&OnFinish::new("Next", "Begin", "told"));
        let nested = |(open, close): (&str, &str), depth| open.repeat(depth) + "0" + &close.repeat(depth);
        let (lists, objects) = (("[", "]"), (r#"{"a":"#, "}"));
        for (kind, depth, is_text) in
            [(lists, 126, false), (lists, 127, true), (objects, 126, false), (objects, 127, true)]
        {
            let context = nested(kind, depth);
            assert!(serde_json::from_str::<Value>(&context).is_ok(), "it can be stored");
            let told = next.instance(&Completion { context: &context, ..ended(&headers) }, 0).context;
            let told: Value = serde_json::from_str(&told).expect("whoever is told can read it");
            assert_eq!(told["context"].as_str(), is_text.then_some(context.as_str()), "{depth}");
        }
    }

    #[test]
    fn every_end_and_every_successor_has_a_key_of_its_own() {
        let headers = Headers::default();
        let next = OnEnd::from(&OnFinish::new("Next", "Begin", "told"));
        let key = |ended: &Completion<'_>, ordinal| match next.instance(ended, ordinal).first {
            Next::Task(task) => task.key,
            other => panic!("a task: {other:?}"),
        };
        let again = Completion { ended_at: Timestamp::MAX, ..ended(&headers) };
        assert_eq!(key(&ended(&headers), 0), key(&ended(&headers), 0));
        assert_ne!(key(&ended(&headers), 0), key(&ended(&headers), 1));
        assert_ne!(key(&ended(&headers), 0), key(&again, 0));
    }
}
