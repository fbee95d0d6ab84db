//! Actions that change the world outside: such a one is told its key, or it is not run a second time.

use crate::{
    machine::{Machine, MachineDescriptor},
    retry::RetryPolicy,
    text::{Text, is_same},
};

/// Fails to compile for an action that may not be repeated, in a state whose task is retried.
pub(crate) const fn check<M: Machine>(state: &str, may_repeat: bool) {
    if may_repeat {
        return;
    }
    let machine = M::DESCRIPTOR;
    let Some(way) = retried_by(machine, state) else { return };
    let text =
        Text::new().push("the action is `external` and does not take its `key: TaskKey`, but state `").push(state);
    let text = text.push("` is retried when it is entered by ").push(way.0);
    let text = text.push(way.1);
    panic!("{}", text.push("; take the key and pass it on, or write `task_retry_limit: 0` there").as_str());
}

/// Fails to compile for an entry, an exit or a transition's action that may not be repeated: it is one of several in its task.
pub(crate) const fn check_hook(may_repeat: bool) {
    assert!(
        may_repeat,
        "an entry, an exit or a transition's action that is `external` takes its `key: TaskKey`, and passes it on"
    );
}

/// The way into a state on which its task is retried.
const fn retried_by(machine: &MachineDescriptor, state: &str) -> Option<(&'static str, &'static str)> {
    if is_same(machine.states[machine.initial].name, state) && is_retried(&machine.retry) {
        return Some(("a start", ""));
    }
    let mut from = 0;
    while from < machine.states.len() {
        if let Some(to) = machine.states[from].on_failure
            && is_same(machine.states[to].name, state)
        {
            return Some(("a failure", ""));
        }
        let mut at = 0;
        while at < machine.states[from].transitions.len() {
            let transition = &machine.states[from].transitions[at];
            if is_same(machine.states[transition.to].name, state) && is_retried(&transition.retry) {
                return Some(("event ", transition.event));
            }
            at += 1;
        }
        from += 1;
    }
    None
}

/// Only both limits together end it, where there are two.
const fn is_retried(retry: &RetryPolicy) -> bool {
    !matches!(retry, RetryPolicy { limit: Some(0), age_limit: None, .. })
}
