//! Contexts on their way into a fan-in state.

use std::time::Duration;

use crate::{
    engine::commit::{Closing, NewPackage, NewTask},
    machine::FanInDescriptor,
};

/// Makes the package that waits instead of `task`; a window that it opens stays open so much longer as the task would have
/// waited.
pub(super) fn package(fan_in: &FanInDescriptor, task: NewTask) -> NewPackage {
    NewPackage {
        window_key: task.key.child("window", 0),
        group: fan_in.group.and_then(|field| group(field, &task.context)),
        hop: task.hop,
        queue: task.queue,
        context: task.context,
        closing: delayed(fan_in.closing, task.delay),
        queue_override: task.queue_override,
    }
}

/// Only an instance's start waits on its way into a fan-in: fsm.yaml has no countdown there.
fn delayed(closing: Closing, delay: Duration) -> Closing {
    match closing {
        Closing::After { period, max } => Closing::After { period: period.saturating_add(delay), max },
        Closing::Alone => Closing::Alone,
    }
}

/// The value of the group's field as text; contexts that lack it share one window.
fn group(field: &str, context: &str) -> Option<String> {
    let context: serde_json::Value = serde_json::from_str(context).ok()?;
    match context.get(field)? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::group;

    #[test]
    fn a_group_is_the_text_of_its_field() {
        assert_eq!(group("badge", r#"{"badge": "gold"}"#).as_deref(), Some("gold"));
        assert_eq!(group("badge", r#"{"badge": 7}"#).as_deref(), Some("7"));
        assert_eq!(group("badge", r#"{"badge": null}"#), None);
        assert_eq!(group("badge", "{}"), None);
    }
}
