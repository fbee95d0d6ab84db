//! Where a fan-in has nothing to gather.

use super::reach;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::model::Machine;

/// Without a continuation before it there is one branch, unless an action forks, which the file does not say.
pub(super) fn fan_in_without_fan_out(machine: &Machine, findings: &mut Findings) {
    let continuations = machine.states.iter().filter(|state| state.is_continuation);
    let after = continuations.flat_map(|state| state.transitions.iter().map(|transition| transition.to));
    let is_fanned_out = reach::reachable_from(machine, after);
    for (id, state) in machine.states_with_ids() {
        let Some(fan_in) = state.fan_in.as_ref().filter(|_| !is_fanned_out.contains(id)) else { continue };
        let message = format!("no continuation leads to state `{}`, so there is one context to gather", state.name);
        findings
            .report(Code::FanInWithoutFanOut, fan_in.place.span, message)
            .help("remove `fan_in`, or allow this if an action before it forks");
    }
}
