//! States that are never entered, and instances that never end.

use super::reach;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::model::{Countdown, Machine};

/// A state that nothing leads to is most often left over, or a `to:` elsewhere is misspelt.
pub(super) fn unreachable_state(machine: &Machine, findings: &mut Findings) {
    let reachable = reach::reachable(machine);
    for (_, state) in machine.states_with_ids().filter(|(id, _)| !reachable.contains(*id)) {
        let initial = &machine[machine.initial];
        findings
            .report(Code::UnreachableState, state.place.span, format!("no transitions lead to state `{}`", state.name))
            .related(initial.place.span, "instances start here")
            .help("lead a transition to it, or remove it; `retry_from: true` says that failed instances are led to it by hand");
    }
}

/// A state without transitions that is not final keeps its instances for ever.
pub(super) fn dead_end_state(machine: &Machine, findings: &mut Findings) {
    for state in machine.states.iter().filter(|state| !state.is_final && state.transitions.is_empty()) {
        findings
            .report(
                Code::DeadEndState,
                state.place.span,
                format!("state `{}` is not final and has no transitions", state.name),
            )
            .help("add `final: true` if instances may end here, or a transition that leads on");
    }
}

/// A round of states from which no final one can be reached keeps its instances for ever.
pub(super) fn no_way_to_final_state(machine: &Machine, findings: &mut Findings) {
    let finals = machine.states_with_ids().filter(|(_, state)| state.is_final).map(|(id, _)| id);
    let may_end = reach::leading_to(machine, finals);
    // A dead end is told as that, and so is not told of the states that lead into it.
    let dead_ends = machine.states_with_ids().filter(|(_, state)| state.transitions.is_empty()).map(|(id, _)| id);
    let is_told = reach::leading_to(machine, dead_ends);
    for (_, state) in machine.states_with_ids().filter(|(id, _)| !may_end.contains(*id) && !is_told.contains(*id)) {
        let message = format!("no final state can be reached from state `{}`", state.name);
        findings
            .report(Code::NoWayToFinalState, state.place.span, message)
            .help("lead a transition out of the round, or make one of its states final");
    }
}

/// An action that answers the same event again and again keeps a worker as busy as it can be.
pub(super) fn busy_loop(machine: &Machine, findings: &mut Findings) {
    for (id, state) in machine.states_with_ids().filter(|(_, state)| !state.is_continuation) {
        let loops = state.transitions.iter().filter(|transition| transition.to == id);
        for transition in loops.filter(|transition| transition.countdown == Countdown::Fixed(0.into())) {
            let message = format!("event `{}` leads state `{}` to itself at once", transition.event, state.name);
            findings
                .report(Code::BusyLoop, transition.place.span, message)
                .help("add `countdown: …` with the seconds to wait before the next round");
        }
    }
}
