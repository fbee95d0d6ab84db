//! Who has to have an action.

use crate::ast::State;
use crate::code::Code;
use crate::diagnostic::Findings;

/// The action answers the event by which the instance goes on; only where it may end there can be none.
pub(super) fn state_action_required(state: &State, findings: &mut Findings) {
    if !state.action.is_absent() || state.is_final.is_true() || matches!(state.is_final, crate::ast::Field::Invalid) {
        return;
    }
    let (span, name) = match state.name.given() {
        Some(name) => (name.span, format!("state `{}`", name.value)),
        None => (state.span, "a state without a name".to_owned()),
    };
    findings
        .report(Code::StateActionRequired, span, format!("{name} has no action and is not final"))
        .help("add `action: …` with the path of a function, or `final: true` if instances may end here");
}

/// Somebody has to work on the pages of a continuation.
pub(super) fn invalid_continuation_interface(state: &State, findings: &mut Findings) {
    let Some(continuation) = state.continuation.given().filter(|flag| flag.value) else { return };
    if state.action.is_absent() && state.is_final.is_true() {
        findings
            .report(Code::InvalidContinuationInterface, continuation.span, "a continuation state has no action")
            .help("add `action: …` with the path of a function that works on one page");
    }
}
