//! Where a failure leads.

use crate::ast::State;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::shorten;
use crate::similar::similar;

use super::Scope;
use super::name::is_name;

/// A state that failed for good hands over to another one of its machine, with its one context.
pub(super) fn invalid_on_failure(scope: &Scope<'_>, state: &State, findings: &mut Findings) {
    let Some(target) = state.on_failure.given() else { return };
    if state.name.given().is_some_and(|name| name.value == target.value) {
        findings
            .report(
                Code::InvalidOnFailure,
                target.span,
                format!("the failure of state `{}` leads to the state itself", target.value),
            )
            .help("name another state; retries are what tries the same one again");
        return;
    }
    if let Some(fan_in) = state.fan_in.given() {
        findings
            .report(Code::InvalidOnFailure, target.span, "a fan-in state has no other state to go on in when it fails")
            .related(fan_in.span, "the fan-in")
            .help("remove `on_failure`: the gathered contexts are kept with the failed task, and a retry has them all");
        return;
    }
    if !scope.is_complete || scope.states.contains_key(target.value.as_str()) {
        return;
    }
    let meant = similar(&target.value, scope.states.keys().copied());
    if meant.is_some_and(|meant| !is_name(meant)) {
        // That state's name has been reported, and may be what is wrong here.
        return;
    }
    let message = format!("the failure leads to `{}`, which is no state of this machine", shorten(&target.value));
    let finding = findings.report(Code::InvalidOnFailure, target.span, message);
    match meant {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(target.span, meant),
        None => finding.help("name a state of this machine"),
    };
}
