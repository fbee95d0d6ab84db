//! Texts, names and truth values.

use crate::ast::Field;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::Value;
use crate::source::Spanned;
use crate::yaml::{Kind, Node};

use super::attributes::{Attributes, wrong_type};

impl Attributes<'_> {
    /// A text; nothing, or null, is absent. A number or a boolean is taken as it is spelt.
    pub(super) fn text(&self, name: &str, findings: &mut Findings) -> Field<String> {
        match self.get(name) {
            None => Field::Absent,
            Some(node) if node.value() == Some(Value::Null) => Field::Absent,
            Some(node) => match text(node, &format!("`{name}`"), findings) {
                Some(text) => Field::Given(text),
                None => Field::Invalid,
            },
        }
    }

    /// The path below which the machines are reached; it must be a text.
    pub(super) fn url(&self, findings: &mut Findings) -> Field<String> {
        let Some(node) = self.get("root_url") else { return Field::Absent };
        if let Some(Value::Text(text)) = node.value() {
            return Field::Given(Spanned::new(text.to_owned(), node.span));
        }
        findings
            .report(Code::WrongType, node.span, format!("`root_url` is a path, this is {}", node.describe()))
            .help("write a path such as `/fantasm/`, or remove the attribute");
        Field::Invalid
    }

    /// The name of something. What Python takes for false counts as absent; YAML must see a text.
    pub(super) fn name(&self, name: &str, findings: &mut Findings) -> Field<String> {
        if self.is_unclear(name) {
            return Field::Invalid;
        }
        let Some(node) = self.get(name).filter(|node| !node.is_falsy()) else { return Field::Absent };
        match node.value() {
            Some(Value::Text(text)) => Field::Given(Spanned::new(text.to_owned(), node.span)),
            Some(_) => {
                let spelling = node.text();
                let message = format!("`{name}` is a text, but YAML reads `{spelling}` as {}", kind(node));
                findings
                    .report(Code::WrongType, node.span, message)
                    .help("put it in quotes")
                    .fix(node.span, format!("'{spelling}'"));
                Field::Invalid
            }
            None => {
                wrong_type(node, &format!("`{name}` is a text"), "write one word", findings);
                Field::Invalid
            }
        }
    }

    /// A list of keys of the context.
    pub(super) fn values(&self, name: &str, findings: &mut Findings) -> Vec<Spanned<String>> {
        let items = self.get(name).map(|node| self.list(node, findings)).unwrap_or_default();
        items.iter().filter_map(|item| text(item, &format!("an item of `{name}`"), findings)).collect()
    }

    /// The names that something had before: one, or a list of them.
    pub(super) fn earlier_names(&self, findings: &mut Findings) -> Vec<Spanned<String>> {
        let name = "renamed_from";
        match self.get(name) {
            Some(node) if matches!(node.kind, Kind::List(_)) => self.values(name, findings),
            Some(node) if node.value() != Some(Value::Null) => {
                text(node, &format!("`{name}`"), findings).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// `true` or `false`, in any of YAML's spellings; null, zero and nothing are false, other numbers true.
    pub(super) fn truth(&self, name: &str, findings: &mut Findings) -> Field<bool> {
        if self.is_unclear(name) {
            return Field::Invalid;
        }
        let Some(node) = self.get(name) else { return Field::Absent };
        let truth = match node.value() {
            Some(Value::Text(text)) => match text.to_ascii_lowercase().as_str() {
                "true" => Some(true),
                "" => Some(false),
                _ => None,
            },
            Some(_) => Some(!node.is_falsy()),
            None => Some(false).filter(|_| node.is_falsy()),
        };
        match truth {
            Some(truth) => Field::Given(Spanned::new(truth, node.span)),
            None => {
                findings
                    .report(
                        Code::WrongType,
                        node.span,
                        format!("`{name}` is true or false, this is {}", node.describe()),
                    )
                    .help("write `true` or `false`, without quotes");
                Field::Invalid
            }
        }
    }
}

/// A text; numbers, booleans and dates are taken as they are spelt.
pub(super) fn text(node: &Node, what: &str, findings: &mut Findings) -> Option<Spanned<String>> {
    match &node.kind {
        Kind::Scalar(scalar) => Some(Spanned::new(scalar.text.clone(), node.span)),
        Kind::List(_) | Kind::Map(_) => {
            wrong_type(node, &format!("{what} is a text"), "write one text", findings);
            None
        }
    }
}

fn kind(node: &Node) -> &'static str {
    match node.value() {
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Date) => "a date",
        _ => "a number",
    }
}
