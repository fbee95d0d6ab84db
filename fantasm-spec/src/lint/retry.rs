//! Where trying again does harm.

use crate::code::Code;
use crate::diagnostic::Findings;
use crate::model::{Machine, RetryPolicy};

/// What an action does to the world outside, it does again at each retry.
pub(super) fn unlimited_retries(machine: &Machine, findings: &mut Findings) {
    let is_unlimited = |retry: &RetryPolicy| retry.task_retry_limit.is_none() && retry.task_age_limit.is_none();
    let message = |name| format!("state `{name}` has side effects, and nothing limits how often it is tried");
    let help = "add `task_retry_limit: …` or `task_age_limit: …`, here or to the machine";
    let initial = &machine[machine.initial];
    if initial.has_side_effects && is_unlimited(&machine.retry) {
        findings.report(Code::UnlimitedRetries, initial.place.span, message(&initial.name)).help(help);
    }
    for transition in machine.states.iter().flat_map(|state| &state.transitions) {
        let target = &machine[transition.to];
        if target.has_side_effects && is_unlimited(&transition.retry) {
            findings
                .report(Code::UnlimitedRetries, transition.place.span, message(&target.name))
                .related(target.place.span, "this state")
                .help(help);
        }
    }
}
