//! What a value of the context is when nothing is said of it.

use crate::ast::ContextType;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::literal::Literal;
use crate::scalar::Value;
use crate::yaml::{Kind, Node};

/// Reads a default, which has to be of the type.
pub(super) fn default(ty: &ContextType, node: &Node, findings: &mut Findings) -> Option<Literal> {
    let (expected, is_of_type) = match ty {
        ContextType::Optional(item) => {
            return if node.value() == Some(Value::Null) { Some(Literal::Null) } else { default(item, node, findings) };
        }
        ContextType::List(item) => match &node.kind {
            Kind::List(items) => {
                let items = items.iter().map(|node| default(item, node, findings));
                return items.collect::<Option<Vec<_>>>().map(Literal::List);
            }
            Kind::Map(_) | Kind::Scalar(_) => ("a list", false),
        },
        ContextType::Json => return json(node, findings),
        ContextType::Str => ("a text", matches!(node.value(), Some(Value::Text(_)))),
        ContextType::Bool => ("true or false", matches!(node.value(), Some(Value::Bool(_)))),
        ContextType::Int => ("a whole number of 64 bits", integer(node).is_some()),
        ContextType::Float => ("a number", integer(node).is_some() || is_finite(node)),
        _ => {
            findings
                .report(
                    Code::InvalidDefault,
                    node.span,
                    "only str, int, float, bool, json and lists of them have defaults here",
                )
                .help("leave the default to the type, or make the value optional: `optional: true`");
            return None;
        }
    };
    if !is_of_type {
        let finding = findings.report(
            Code::InvalidDefault,
            node.span,
            format!("the default is {expected}, this is {}", node.describe()),
        );
        match (&node.kind, ty) {
            (Kind::Scalar(scalar), ContextType::Str) => {
                finding.help("put it in quotes").fix(node.span, format!("'{}'", scalar.text));
            }
            _ => {
                finding.help("write a value of the type, or change the type");
            }
        }
        return None;
    }
    Some(Literal::from(node))
}

fn integer(node: &Node) -> Option<i64> {
    match node.value() {
        Some(Value::Integer(number)) => number.and_then(|number| i64::try_from(number).ok()),
        _ => None,
    }
}

/// Any value that JSON can say; a number that it cannot would silently become `null`.
fn json(node: &Node, findings: &mut Findings) -> Option<Literal> {
    if let Some(number) = not_of_json(node) {
        findings
            .report(Code::InvalidDefault, number.span, format!("JSON has no number like `{}`", number.text()))
            .help("write a finite number, a text in quotes, or `null`");
        return None;
    }
    Some(Literal::from(node))
}

fn not_of_json(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::List(items) => items.iter().find_map(not_of_json),
        Kind::Map(entries) => entries.iter().find_map(|entry| not_of_json(&entry.value)),
        Kind::Scalar(_) => Some(node).filter(|node| matches!(node.value(), Some(Value::Float(_))) && !is_finite(node)),
    }
}

/// JSON has no other floats.
fn is_finite(node: &Node) -> bool {
    matches!(node.value(), Some(Value::Float(number)) if number.is_finite())
}
