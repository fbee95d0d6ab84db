//! What has a meaning that is most likely not meant: rules over the finished graph.
//!
//! Each is a warning unless the author or the caller decides otherwise.

mod continuation;
mod failure;
mod fan_in;
mod graph;
mod reach;
mod retry;

use crate::diagnostic::Findings;
use crate::model::Spec;

/// Judges all machines of a spec, in file order.
pub(crate) fn all(spec: &Spec, findings: &mut Findings) {
    for machine in &spec.machines {
        graph::unreachable_state(machine, findings);
        graph::dead_end_state(machine, findings);
        graph::no_way_to_final_state(machine, findings);
        graph::busy_loop(machine, findings);
        failure::failure_circle(machine, findings);
        continuation::continuation_not_final(machine, findings);
        continuation::continuation_cycle(machine, findings);
        fan_in::fan_in_without_fan_out(machine, findings);
        retry::unlimited_retries(machine, findings);
    }
}
