//! One state.

use crate::ast::State;
use crate::attribute;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::yaml::Node;

use super::attributes::{Attributes, Known, Owner};
use super::edition::Edition;
use super::fan_in::fan_in;
use super::items::Item;
use super::{queue, transition};

const STATE: Owner =
    Owner { noun: "a state", attributes: Known::Of(attribute::Owner::State), unknown: Code::InvalidStateAttribute };

const TRANSITIONS: Item = Item { noun: "a transition", name: "event", short: Some("to") };

pub(super) fn state(node: &Node, edition: Edition, findings: &mut Findings) -> Option<State> {
    let attributes = Attributes::read(&STATE, node, edition, findings)?;
    let transitions = attributes.get("transitions").map(|list| TRANSITIONS.list(&attributes, list, findings));
    let transitions = transitions.unwrap_or_default();
    Some(State {
        span: attributes.span,
        name: attributes.name("name", findings),
        description: attributes.text("description", findings),
        doc: attributes.text("doc", findings),
        on_failure: attributes.text("on_failure", findings),
        timeout_seconds: queue::positive(&attributes, "timeout_seconds", findings),
        priority: attributes.priority(findings),
        renamed_from: attributes.earlier_names(findings),
        sets: attributes.values("sets", findings),
        reads: attributes.values("reads", findings),
        side_effects: attributes.truth("side_effects", findings),
        retry_from: attributes.truth("retry_from", findings),
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
        transitions: transitions.iter().filter_map(|item| transition::transition(item, edition, findings)).collect(),
    })
}
