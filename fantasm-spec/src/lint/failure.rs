//! Where failures lead in a circle.

use super::reach;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::model::{Countdown, Machine, RetryPolicy, StateId};

/// What goes wrong at once goes wrong again at once: a circle of failures without a wait keeps a worker as busy as it can be.
///
/// Each circle is told once, at the first of its states that fails into it.
pub(super) fn failure_circle(machine: &Machine, findings: &mut Findings) {
    let next = machine.states_with_ids().map(|(id, _)| at_once(machine, id)).collect::<Vec<_>>();
    let mut is_told = vec![false; next.len()];
    for (id, state) in machine.states_with_ids() {
        let Some(failed) = state.on_failure.filter(|_| !is_told[id.index()] && !backs_off(machine, id)) else {
            continue;
        };
        let Some(circle) = reach::circle(&next, id).filter(|circle| circle.contains(failed)) else { continue };
        for (other, _) in machine.states_with_ids().filter(|(other, _)| circle.contains(*other)) {
            is_told[other.index()] = true;
        }
        let target = &machine[failed];
        let message =
            format!("the failure of state `{}` leads to `{}`, and from there back at once", state.name, target.name);
        findings
            .report(Code::FailureCircle, state.place.span, message)
            .related(target.place.span, "goes on here")
            .help("add `countdown: …` to a transition of the circle, or lead the failure to a state that ends");
    }
}

/// Where an instance goes on from a state without a wait.
fn at_once(machine: &Machine, id: StateId) -> Vec<StateId> {
    let state = &machine[id];
    let events = state.transitions.iter().filter(|transition| transition.countdown == Countdown::Fixed(0.into()));
    let failure = state.on_failure.filter(|_| !backs_off(machine, id));
    events.map(|transition| transition.to).chain(failure).collect()
}

/// Whether a state waits a second or more before it has failed for good, however it is entered.
fn backs_off(machine: &Machine, id: StateId) -> bool {
    let entering = machine.states.iter().flat_map(|state| &state.transitions).filter(|transition| transition.to == id);
    let mut policies = entering.map(|transition| &transition.retry).chain([&machine.retry]);
    policies.all(|policy: &RetryPolicy| {
        let has_retries = policy.task_retry_limit.is_none_or(|limit| limit.get() > 0);
        has_retries && policy.min_backoff_seconds.is_some_and(|seconds| seconds.get() > 0)
    })
}
