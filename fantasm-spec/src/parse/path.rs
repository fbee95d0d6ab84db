//! Paths of actions, namespaces and types.

use crate::ast::{Field, Path};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::name::{cannot_be_raw, is_constant, is_identifier};
use crate::scalar::{Value, shorten};
use crate::source::{Span, Spanned};
use crate::yaml::Node;

use super::attributes::Attributes;
use super::context_type::is_short_name;

impl Attributes<'_> {
    /// The path of an action; what Python takes for false counts as absent.
    pub(super) fn action(&self, name: &str, findings: &mut Findings) -> Field<Path> {
        match self.get(name) {
            Some(node) if !node.is_falsy() => action(node, name, findings),
            Some(_) | None => Field::Absent,
        }
    }

    /// The path of a transition's action: there its key alone says that there is one.
    pub(super) fn required_action(&self, name: &str, findings: &mut Findings) -> Field<Path> {
        match self.get(name) {
            None => Field::Absent,
            Some(node) if node.value() == Some(Value::Text("")) => Field::Absent,
            Some(node) => action(node, name, findings),
        }
    }

    /// A module, or `None` where the author says that there is none.
    pub(super) fn namespace(&self, findings: &mut Findings) -> Field<Option<Path>> {
        let Some(node) = self.get("namespace") else { return Field::Absent };
        if node.is_falsy() {
            return Field::Given(Spanned::new(None, node.span));
        }
        match path(node, "namespace", "a module", findings) {
            Some(path) => Field::Given(Spanned::new(Some(path), node.span)),
            None => Field::Invalid,
        }
    }
}

fn action(node: &Node, name: &str, findings: &mut Findings) -> Field<Path> {
    let Some(path) = path(node, name, "an action", findings) else { return Field::Invalid };
    if is_short_name(&path.written) {
        let message = format!("`{}` is the name of a context type and cannot name an action", path.written);
        findings
            .report(Code::InvalidActionPath, node.span, message)
            .help("write the path of a function, such as `module.function`");
        return Field::Invalid;
    }
    Field::Given(Spanned::new(path, node.span))
}

fn path(node: &Node, name: &str, what: &str, findings: &mut Findings) -> Option<Path> {
    let Some(Value::Text(text)) = node.value() else {
        findings
            .report(
                Code::InvalidActionPath,
                node.span,
                format!("`{name}` is the path of {what}, this is {}", node.describe()),
            )
            .help("write a path such as `module.name`, or remove the attribute");
        return None;
    };
    split(text, node.span, findings)
}

/// Cuts a path at its dots and double colons.
pub(super) fn split(text: &str, span: Span, findings: &mut Findings) -> Option<Path> {
    let (segments, is_absolute) = segments(text);
    for segment in &segments {
        if let Some((problem, help)) = wrong_segment(segment) {
            let message = format!("`{}` is no path of a Rust item: {problem}", shorten(text));
            let finding = findings.report(Code::InvalidActionPath, span, message).help(help);
            if let Some(better) = better(text) {
                finding.fix(span, better);
            }
            return None;
        }
    }
    Some(Path { segments, is_absolute, written: text.to_owned(), span })
}

/// The path of a constant: a text of several segments, the last in capitals. Every other text stands for itself.
pub(super) fn constant(text: &str, span: Span) -> Option<Path> {
    let (segments, is_absolute) = segments(text);
    let is_path = segments.len() > 1 && segments.iter().all(|segment| wrong_segment(segment).is_none());
    let is_constant = is_path && segments.last().is_some_and(|last| is_constant(last));
    is_constant.then(|| Path { segments, is_absolute, written: text.to_owned(), span })
}

fn segments(text: &str) -> (Vec<String>, bool) {
    let relative = text.strip_prefix("::");
    let segments = relative.unwrap_or(text).split("::").flat_map(|part| part.split('.')).map(str::to_owned);
    (segments.collect(), relative.is_some())
}

/// The path that was most likely meant.
fn better(text: &str) -> Option<String> {
    let path = text.strip_prefix("crate").map_or(text, |rest| rest.trim_start_matches([':', '.'])).replace('-', "_");
    let is_path = path.split("::").flat_map(|part| part.split('.')).all(|segment| wrong_segment(segment).is_none());
    Some(path).filter(|path| is_path && path != text)
}

fn wrong_segment(segment: &str) -> Option<(String, &'static str)> {
    if segment == "crate" {
        return Some(("`crate` is where every path starts".to_owned(), "leave `crate` out"));
    }
    if cannot_be_raw(segment) {
        let problem = format!("`{segment}` depends on the module it stands in, and fsm.yaml stands in none");
        return Some((problem, "write the path from the crate root"));
    }
    if segment.is_empty() {
        return Some((
            "a name between two separators is missing".to_owned(),
            "write names separated by single dots or by `::`",
        ));
    }
    if !is_identifier(segment) {
        let problem = format!("`{}` is no Rust identifier", shorten(segment));
        return Some((problem, "name the item in letters, digits and underscores, the first no digit"));
    }
    None
}
