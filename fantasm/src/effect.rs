//! Actions that change the world outside: such a one is told its key, or it is not run a second time.

use crate::{
    asking::Asking,
    machine::{Machine, MachineDescriptor},
    retry::RetryPolicy,
    text::{Text, is_same},
};

/// Fails to compile for an action that may not be repeated, in a state whose task is retried.
pub(crate) const fn check<M: Machine>(asking: &Asking, may_repeat: bool) {
    if may_repeat {
        return;
    }
    let Some(way) = retried_by(M::DESCRIPTOR, asking.state) else { return };
    if is_told_before(asking) {
        return;
    }
    let text = Text::new().push("the action is `external` and does not take its `key: TaskKey`, but ");
    let text = text.push_state(asking.state, asking.place).push(" is retried when it is entered by ").push(way.0);
    let text = text.push(way.1);
    panic!("{}", text.push("; take the key and pass it on, or write `task_retry_limit: 0` there").as_str());
}

/// Whether a state before this one names the action and is retried as well.
const fn is_told_before(asking: &Asking) -> bool {
    let mut before = asking.before;
    while let Some(state) = before {
        if let Some(machine) = state.machine
            && retried_by(machine, state.state).is_some()
        {
            return true;
        }
        before = state.before;
    }
    false
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
    if is_retried(&machine.retry)
        && let Some(way) = entered_without_a_transition(machine, state)
    {
        return Some((way, ""));
    }
    let mut from = 0;
    while from < machine.states.len() {
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

/// The way into a state that is no transition, so that its task is retried as the machine says.
const fn entered_without_a_transition(machine: &MachineDescriptor, state: &str) -> Option<&'static str> {
    if is_same(machine.states[machine.initial].name, state) {
        return Some("a start");
    }
    let mut from = 0;
    while from < machine.states.len() {
        let other = &machine.states[from];
        if other.is_retried_from && is_same(other.name, state) {
            return Some("`retry_from`");
        }
        if let Some(to) = other.on_failure
            && is_same(machine.states[to].name, state)
        {
            return Some("a failure");
        }
        from += 1;
    }
    None
}

/// Only both limits together end it, where there are two.
const fn is_retried(retry: &RetryPolicy) -> bool {
    !matches!(retry, RetryPolicy { limit: Some(0), age_limit: None, .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{StateDescriptor, TransitionDescriptor};

    const ONCE: RetryPolicy = RetryPolicy::new().limit(0);
    const BEGIN: StateDescriptor = StateDescriptor::new("Begin")
        .on_failure(1)
        .transitions(&[TransitionDescriptor::new("done", 3).retry(ONCE), TransitionDescriptor::new("again", 0)]);
    const STATES: &[StateDescriptor] = &[
        BEGIN,
        StateDescriptor::new("Rescue"),
        StateDescriptor::new("ByHand").retried_from(),
        StateDescriptor::new("End").final_state(),
    ];

    fn ways(machine: &MachineDescriptor) -> Vec<Option<String>> {
        let way = |state: &StateDescriptor| retried_by(machine, state.name).map(|(way, event)| format!("{way}{event}"));
        STATES.iter().map(way).collect()
    }

    #[test]
    fn the_machine_says_whether_a_task_that_no_transition_has_made_is_retried() {
        let told = |way: &str| Some(way.to_owned());
        let retries = MachineDescriptor::new("Machine", STATES);
        assert_eq!(ways(&retries), [told("a start"), told("a failure"), told("`retry_from`"), None]);
        let does_not = MachineDescriptor::new("Machine", STATES).retry(ONCE);
        assert_eq!(ways(&does_not), [told("event again"), None, None, None]);
    }
}
