//! Contexts on their way into a fan-in state.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    engine::{
        commit::{Closing, NewPackage, NewTask},
        join,
    },
    machine::{FanInDescriptor, MachineDescriptor},
};

/// How long a group may be as it is: it is part of an index, and a database bounds the rows of those.
const MAX_GROUP_BYTES: usize = 512;

/// Makes the package that waits instead of `task` on its way into the state of the index `to`; a window that it opens stays
/// open so much longer as the task would have waited.
pub(super) fn package(machine: &MachineDescriptor, to: usize, fan_in: &FanInDescriptor, task: NewTask) -> NewPackage {
    NewPackage {
        window_key: task.key.child("window", 0),
        group: fan_in.group.and_then(|field| group(field, &task.context)),
        hop: task.hop,
        queue: task.queue,
        target: task.target,
        context: task.context,
        closing: delayed(fan_in.closing, task.delay),
        queue_override: task.queue_override,
        rank: match fan_in.closing {
            Closing::Alone => join::rank(machine, to),
            Closing::After { .. } => 0,
        },
    }
}

/// Only an instance's start waits on its way into a fan-in: fsm.yaml has no countdown there.
fn delayed(closing: Closing, delay: Duration) -> Closing {
    match closing {
        Closing::After { period, max } => Closing::After { period: period.saturating_add(delay), max },
        Closing::Alone => Closing::Alone,
    }
}

/// The value of the group's field as JSON, so that no two values are taken for one; contexts that lack it share one window.
fn group(field: &str, context: &str) -> Option<String> {
    let context: serde_json::Value = serde_json::from_str(context).ok()?;
    let group = context.get(field).filter(|group| !group.is_null())?.to_string();
    Some(if group.len() > MAX_GROUP_BYTES { digest(&group) } else { group })
}

/// A value that is too long for an index is told by its beginning and its digest.
fn digest(group: &str) -> String {
    let begin = (0..=MAX_GROUP_BYTES / 2).rev().find(|end| group.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… {}", &group[..begin], Uuid::new_v5(&Uuid::NAMESPACE_OID, group.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{MAX_GROUP_BYTES, group};

    #[test]
    fn a_group_is_the_json_of_its_field() {
        let gold = r#"{"badge": "gold"}"#;
        assert_eq!(group("badge", gold).as_deref(), Some(r#""gold""#));
        let (text, number) = (group("badge", r#"{"badge": "7"}"#), group("badge", r#"{"badge": 7}"#));
        assert_eq!((text.as_deref(), number.as_deref()), (Some(r#""7""#), Some("7")), "a text is no number");
        assert_eq!(group("badge", r#"{"badge": null}"#), None);
        assert_eq!(group("badge", "{}"), None);
    }

    #[test]
    fn a_long_group_is_told_by_its_digest() {
        let context = |last: &str| serde_json::json!({ "badge": "ä".repeat(100_000) + last }).to_string();
        let groups = ["a", "b"].map(|last| group("badge", &context(last)).unwrap());
        assert!(groups.iter().all(|group| group.len() < MAX_GROUP_BYTES), "{groups:?}");
        assert_ne!(groups[0], groups[1]);
        assert_eq!(group("badge", &context("a")).as_ref(), Some(&groups[0]));
        assert!(groups[0].starts_with(&format!("\"{}", "ä".repeat((MAX_GROUP_BYTES / 2 - 1) / 2))), "{}", groups[0]);
    }

    #[test]
    fn a_group_of_the_greatest_length_is_told_in_full() {
        let text = "x".repeat(MAX_GROUP_BYTES - 2);
        let context = |text: &str| serde_json::json!({ "badge": text }).to_string();
        assert_eq!(group("badge", &context(&text)), Some(format!("\"{text}\"")));
        assert!(group("badge", &context(&(text.clone() + "x"))).is_some_and(|group| !group.contains(&text)));
    }
}
