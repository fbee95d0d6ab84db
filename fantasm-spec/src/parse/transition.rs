//! One transition.

use crate::ast::{Field, Transition};
use crate::attribute;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::Value;
use crate::source::Spanned;
use crate::yaml::Node;

use super::attributes::{Attributes, Known, Owner, wrong_type};
use super::countdown::countdown;
use super::edition::Edition;
use super::path;

const TRANSITION: Owner = Owner {
    noun: "a transition",
    attributes: Known::Of(attribute::Owner::Transition),
    unknown: Code::InvalidTransitionAttribute,
};

pub(super) fn transition(node: &Node, edition: Edition, findings: &mut Findings) -> Option<Transition> {
    let attributes = Attributes::read(&TRANSITION, node, edition, findings)?;
    let event = attributes.name("event", findings);
    Some(Transition {
        span: attributes.span,
        constant: event.given().and_then(|event| path::constant(&event.value, event.span)),
        event,
        renamed_from: attributes.earlier_names(findings),
        description: attributes.text("description", findings),
        to: to(&attributes, findings),
        action: attributes.required_action("action", findings),
        namespace: attributes.namespace(findings),
        queue: attributes.text("queue", findings),
        target: attributes.text("target", findings),
        countdown: attributes.get("countdown").map_or(Field::Absent, |node| countdown(node, findings)),
        retry: attributes.retry(findings),
    })
}

/// The name of a state. A value that is no text is the name of no state, and is told as that.
fn to(attributes: &Attributes<'_>, findings: &mut Findings) -> Field<String> {
    let Some(node) = attributes.get("to").filter(|node| !node.is_falsy()) else { return Field::Absent };
    match node.value() {
        Some(Value::Text(text)) => return Field::Given(Spanned::new(text.to_owned(), node.span)),
        Some(_) => {
            let message = format!("`to` is the name of a state, this is {}", node.describe());
            findings
                .report(Code::TransitionUnknownToState, node.span, message)
                .help("put the name in quotes")
                .fix(node.span, format!("'{}'", node.text()));
        }
        None => wrong_type(
            node,
            "`to` is the name of one state",
            "write one name; another event is another transition",
            findings,
        ),
    }
    Field::Invalid
}
