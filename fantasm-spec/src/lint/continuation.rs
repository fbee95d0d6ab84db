//! Where a continuation does what its author does not expect.

use super::reach;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::model::Machine;

/// The last page may be empty, and then its branch ends in the continuation state itself.
pub(super) fn continuation_not_final(machine: &Machine, findings: &mut Findings) {
    for state in machine.states.iter().filter(|state| state.is_continuation && !state.is_final) {
        let message =
            format!("continuation state `{}` is not final, so a page that answers no event fails", state.name);
        findings
            .report(Code::ContinuationNotFinal, state.place.span, message)
            .help("add `final: true`: the last page may hold nothing to go on with");
    }
}

/// Every round makes a branch of each page, so the branches multiply from round to round.
pub(super) fn continuation_cycle(machine: &Machine, findings: &mut Findings) {
    let continuations = machine.states_with_ids().filter(|(_, state)| state.is_continuation);
    for (_, state) in continuations.filter(|(id, _)| reach::is_on_cycle(machine, *id)) {
        let message = format!(
            "transitions lead from continuation state `{}` back to it, and each round multiplies its branches",
            state.name
        );
        findings
            .report(Code::ContinuationCycle, state.place.span, message)
            .help("start a new instance for the next round, or allow this if each round has less to do");
    }
}
