//! One state.

use crate::ast::{Field, State};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::integer::Integer;
use crate::yaml::Node;

use super::attributes::{Attributes, Owner};
use super::transition;

const STATE: Owner = Owner {
    noun: "a state",
    attributes: &[
        "name",
        "namespace",
        "action",
        "entry",
        "exit",
        "initial",
        "final",
        "continuation",
        "continuation_countdown",
        "fan_in",
        "fan_in_group",
        "transitions",
    ],
    unknown: Code::InvalidStateAttribute,
};

pub(super) fn state(node: &Node, findings: &mut Findings) -> Option<State> {
    let attributes = Attributes::read(&STATE, node, findings)?;
    let transitions = attributes.get("transitions").map(|list| attributes.list(list, findings)).unwrap_or_default();
    Some(State {
        span: attributes.span,
        name: attributes.name("name", findings),
        description: attributes.text("description", findings),
        namespace: attributes.namespace(findings),
        action: attributes.action("action", findings),
        entry: attributes.action("entry", findings),
        exit: attributes.action("exit", findings),
        initial: attributes.truth("initial", findings),
        is_final: attributes.truth("final", findings),
        continuation: attributes.truth("continuation", findings),
        continuation_countdown: attributes.integer(
            "continuation_countdown",
            Code::InvalidContinuationCountdown,
            findings,
        ),
        fan_in: fan_in(&attributes, findings),
        fan_in_group: attributes.get("fan_in_group").cloned(),
        transitions: transitions.iter().filter_map(|item| transition::transition(item, findings)).collect(),
    })
}

/// Minus one is Fantasm's own way of saying that a state is no fan-in.
fn fan_in(attributes: &Attributes<'_>, findings: &mut Findings) -> Field<Integer> {
    match attributes.integer("fan_in", Code::InvalidFanIn, findings) {
        Field::Given(seconds) if seconds.value.get() == -1 => Field::Absent,
        other => other,
    }
}
