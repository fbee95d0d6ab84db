//! How long a task waits.

use crate::ast::{Countdown, Field, State};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::integer::Integer;
use crate::source::Spanned;
use crate::yaml::{Entry, Kind, Node};

use super::attributes::{duplicate_keys, peek};
use super::integer::integer;

/// The countdown of a machine means something only where a transition inherits it, so only there it must be one.
pub(super) fn inherited(node: &Node, states: &[State], findings: &mut Findings) -> Field<Countdown> {
    let mut transitions = states.iter().flat_map(|state| &state.transitions);
    if transitions.any(|transition| transition.countdown.is_absent()) {
        return countdown(node, findings);
    }
    if findings.silently(|findings| countdown(node, findings).given().is_none()) {
        findings
            .report(Code::AttributeWithoutEffect, node.span, "the countdown of this machine cannot be read")
            .label("no transition inherits it")
            .help("write a number of seconds, or remove it");
    }
    Field::Absent
}

/// Reads a number of seconds, or a `minimum` and a `maximum`.
pub(super) fn countdown(node: &Node, findings: &mut Findings) -> Field<Countdown> {
    let countdown = match &node.kind {
        Kind::Map(entries) => between(node, entries, findings),
        Kind::List(_) | Kind::Scalar(_) => integer(node, "`countdown`", Code::InvalidCountdown, findings)
            .given()
            .map(|number| Countdown::Fixed(number.value)),
    };
    countdown.map_or(Field::Invalid, |countdown| Field::Given(Spanned::new(countdown, node.span)))
}

fn between(node: &Node, entries: &[Entry], findings: &mut Findings) -> Option<Countdown> {
    duplicate_keys(entries, "`countdown`", findings);
    if let Some(other) = entries.iter().find(|entry| !matches!(entry.key.text().as_str(), "minimum" | "maximum")) {
        let message = format!("a countdown has a minimum and a maximum, but no `{}`", other.key.text());
        invalid(&other.key, message, "remove it", findings);
        return None;
    }
    let minimum = bound(node, "minimum", findings);
    let maximum = bound(node, "maximum", findings);
    let (minimum, maximum) = (minimum?, maximum?);
    if minimum.value.get() < 0 {
        let message = format!("the minimum of a countdown is negative: {}", minimum.value);
        findings.report(Code::InvalidCountdown, minimum.span, message).help("write 0 or more");
        return None;
    }
    if maximum.value < minimum.value {
        let message = format!("the maximum of a countdown, {}, is below its minimum, {}", maximum.value, minimum.value);
        findings
            .report(Code::InvalidCountdown, maximum.span, message)
            .related(minimum.span, "the minimum")
            .help("exchange the two");
        return None;
    }
    Some(Countdown::Between { minimum: minimum.value, maximum: maximum.value })
}

fn bound(node: &Node, name: &str, findings: &mut Findings) -> Option<Spanned<Integer>> {
    let Some(value) = peek(node, name) else {
        let help = format!("add `{name}: …`, or write one number for a fixed countdown");
        invalid(node, format!("the countdown has no `{name}`"), &help, findings);
        return None;
    };
    integer(value, &format!("the {name} of a countdown"), Code::InvalidCountdown, findings).given().cloned()
}

fn invalid(node: &Node, message: String, help: &str, findings: &mut Findings) {
    findings.report(Code::InvalidCountdown, node.span, message).help(help);
}
