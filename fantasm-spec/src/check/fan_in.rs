//! Where a fan-in may stand.

use crate::ast::{Field, State};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::yaml::Kind;

/// A group keeps the contexts of a fan-in apart; without a fan-in there is nothing to keep apart.
pub(super) fn invalid_fan_in_group(state: &State, findings: &mut Findings) {
    let Some(group) = state.fan_in_group.as_ref().filter(|group| !group.is_falsy()) else { return };
    match (&state.fan_in, &group.kind) {
        (Field::Absent, _) => {
            findings
                .report(Code::InvalidFanInGroup, group.span, "`fan_in_group` stands in a state that has no `fan_in`")
                .help("add `fan_in: …` with the seconds to gather contexts for, or remove the group");
        }
        (Field::Given(_), Kind::List(_) | Kind::Map(_)) => {
            let message = format!("`fan_in_group` is the key of one context field, this is {}", group.describe());
            findings.report(Code::WrongType, group.span, message).help("write one key");
        }
        _ => {}
    }
}

/// A continuation makes branches and a fan-in joins them; one state cannot do both.
pub(super) fn fan_in_continuation_not_supported(state: &State, findings: &mut Findings) {
    let (Some(fan_in), Some(continuation)) = (state.fan_in.given(), state.continuation.given()) else { return };
    if continuation.value {
        findings
            .report(
                Code::FanInContinuationNotSupported,
                continuation.span,
                "a state is a continuation and a fan-in at once",
            )
            .related(fan_in.span, "the fan-in")
            .help("gather in a state of its own, reached by an event of the continuation");
    }
}
