//! When the window of a fan-in is sealed.

use crate::ast::{FanIn, Field};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::integer::Integer;
use crate::scalar::Value;
use crate::source::Spanned;
use crate::yaml::{Entry, Kind, Node};

use super::attributes::{Attributes, duplicate_keys, peek};
use super::edition::Edition;
use super::integer::integer;

/// Reads a number of seconds; in the second edition also `all`, or `seconds` and `max`.
pub(super) fn fan_in(attributes: &Attributes<'_>, findings: &mut Findings) -> Field<FanIn> {
    let Some(node) = attributes.get("fan_in") else { return Field::Absent };
    let given = |fan_in| Field::Given(Spanned::new(fan_in, node.span));
    match &node.kind {
        Kind::Map(entries) => {
            let Some(fan_in) = seconds_and_max(node, entries, findings) else { return Field::Invalid };
            attributes.edition.lacks(Code::InvalidFanIn, node.span, "a fan-in with `seconds` and `max`", findings);
            return given(fan_in);
        }
        _ if node.value() == Some(Value::Text("all")) => {
            attributes.edition.lacks(Code::InvalidFanIn, node.span, "`fan_in: all`", findings);
            return given(FanIn::All);
        }
        Kind::Scalar(_)
            if attributes.edition >= Edition::Second
                && matches!(node.value(), Some(Value::Text(_)))
                && !is_number(node, findings) =>
        {
            findings
                .report(Code::InvalidFanIn, node.span, format!("a fan-in does not gather like {}", node.describe()))
                .help("write a number of seconds, `{seconds: 2, max: 1000}`, or `all`");
            return Field::Invalid;
        }
        Kind::List(_) | Kind::Scalar(_) => {}
    }
    match integer(node, "`fan_in`", Code::InvalidFanIn, findings) {
        // Minus one is Fantasm's own way of saying that a state is no fan-in.
        Field::Given(seconds) if seconds.value.get() == -1 => Field::Absent,
        Field::Given(seconds) => given(FanIn::After { seconds: seconds.value, max: None }),
        Field::Absent => Field::Absent,
        Field::Invalid => Field::Invalid,
    }
}

fn is_number(node: &Node, findings: &mut Findings) -> bool {
    findings.silently(|findings| integer(node, "`fan_in`", Code::InvalidFanIn, findings).given().is_some())
}

fn seconds_and_max(node: &Node, entries: &[Entry], findings: &mut Findings) -> Option<FanIn> {
    duplicate_keys(entries, "`fan_in`", findings);
    if let Some(other) = entries.iter().find(|entry| !matches!(entry.key.text().as_str(), "seconds" | "max")) {
        let message = format!("a fan-in has seconds and a max, but no `{}`", other.key.text());
        findings.report(Code::InvalidFanIn, other.key.span, message).help("remove it");
        return None;
    }
    let Some(seconds) = peek(node, "seconds") else {
        findings
            .report(Code::InvalidFanIn, node.span, "the fan-in does not say how long it gathers")
            .help("add `seconds: …`: a window that never fills is sealed then");
        return None;
    };
    let seconds = number(seconds, "`seconds` of a fan-in", 0, findings);
    let max = peek(node, "max").map(|max| number(max, "`max` of a fan-in", 1, findings));
    Some(FanIn::After { seconds: seconds?, max: max.map_or(Some(None), |max| max.map(Some))? })
}

fn number(node: &Node, what: &str, least: i128, findings: &mut Findings) -> Option<Integer> {
    let number = integer(node, what, Code::InvalidFanIn, findings).given()?.value;
    if number.get() < least || !number.is_exact() {
        findings
            .report(Code::InvalidFanIn, node.span, format!("{what} is {number}"))
            .help(format!("write a number from {least} to {}", u32::MAX));
        return None;
    }
    Some(number)
}
