//! The types of context fields.

use std::borrow::Cow;

use crate::ast::{ContextField, ContextType, Field};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::literal::Literal;
use crate::scalar::{Value, shorten};
use crate::similar::similar;
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Kind, Node};

use super::attributes::{Attributes, Known, Owner, duplicate_keys, wrong_type};
use super::default::default;
use super::edition::Edition;
use super::{path, spelling};

/// The types that fsm.yaml has names of its own for.
pub(super) const SHORT_NAMES: [&str; 11] =
    ["str", "unicode", "int", "long", "float", "bool", "json", "dict", "datetime", "date", "pickle"];

/// The spellings of a datastore key, and of Python's own integer type, that Fantasm knows.
const LONG_NAMES: [(&str, ContextType); 5] = [
    ("ndb.Key", ContextType::DatastoreKey),
    ("ndb.model.Key", ContextType::DatastoreKey),
    ("google.appengine.ext.ndb.Key", ContextType::DatastoreKey),
    ("google.appengine.ext.ndb.model.Key", ContextType::DatastoreKey),
    ("types.IntType", ContextType::Int),
];

/// Whether a word means a context type wherever a path may stand.
pub(crate) fn is_short_name(word: &str) -> bool {
    SHORT_NAMES.contains(&word)
}

impl Attributes<'_> {
    pub(super) fn context_types(&self, findings: &mut Findings) -> Vec<ContextField> {
        let Some(node) = self.get("context_types") else { return Vec::new() };
        if !matches!(node.kind, Kind::Map(_)) {
            wrong_type(
                node,
                "`context_types` is a mapping from keys to types",
                "write one key a line, as `key: int`",
                findings,
            );
        }
        let entries = entries(node);
        duplicate_keys(&entries, "`context_types`", findings);
        entries.iter().map(|entry| self.context_field(entry, findings)).collect()
    }

    /// A type, or in the second edition a mapping with a type and what else there is to say of the value.
    fn context_field(&self, entry: &Entry, findings: &mut Findings) -> ContextField {
        let name = Spanned::new(entry.key.text(), entry.key.span);
        let is_long = match &entry.value.kind {
            Kind::Map(entries) => {
                self.edition >= Edition::Second || entries.iter().any(|entry| is_about_a_type(&entry.key))
            }
            Kind::List(_) | Kind::Scalar(_) => false,
        };
        let (ty, default) = if is_long {
            self.long_form(&name.value, &entry.value, findings)
        } else {
            (context_type(&entry.value, self.edition, findings), None)
        };
        ContextField { name, ty: ty.map_or(Field::Invalid, Field::Given), default }
    }

    /// The type and the default of a value.
    fn long_form(
        &self,
        name: &str,
        node: &Node,
        findings: &mut Findings,
    ) -> (Option<Spanned<ContextType>>, Option<Literal>) {
        self.edition.lacks(Code::InvalidContextType, node.span, "a mapping in the place of a type", findings);
        if let Some(name) = in_braces(node) {
            let message = format!("the type `{}` stands in braces", name.text());
            let ty = context_type(name, self.edition, findings);
            findings.report(Code::InvalidContextType, node.span, message).help("leave the braces off");
            return (ty, None);
        }
        if is_struct(node) {
            let message = format!("the value `{}` has no type, but values of its own", shorten(name));
            let help = "write `json`, or the path of a Rust struct with these fields";
            return (invalid(node, &message, help, findings), None);
        }
        let Some(value) = Attributes::read(&VALUE, node, self.edition, findings) else { return (None, None) };
        let Some(written) = value.get("type") else {
            findings
                .report(Code::InvalidContextType, value.span, format!("the value `{name}` has no type"))
                .help("add `type: …`, such as `type: int`");
            return (None, None);
        };
        let is_optional = value.truth("optional", findings).is_true();
        let Some(ty) = context_type(written, self.edition, findings) else { return (None, None) };
        let ty = Spanned::new(if is_optional { optional(ty.value) } else { ty.value }, ty.span);
        let default = value.get("default").and_then(|node| default(&ty.value, node, findings));
        (Some(ty), default)
    }
}

/// The keys of a context, also where each is an item of a list.
fn entries(node: &Node) -> Cow<'_, [Entry]> {
    match &node.kind {
        Kind::Map(entries) => Cow::Borrowed(entries),
        Kind::List(items) => items.iter().flat_map(|item| entries(item).into_owned()).collect(),
        Kind::Scalar(_) => Cow::Borrowed(&[]),
    }
}

/// Whether a mapping says what is in a value, and nothing that is like a word of the long form.
fn is_struct(node: &Node) -> bool {
    let words = ["type", "default", "optional"];
    let is_word = |key: &str| words.contains(&key) || similar(key, words).is_some();
    matches!(&node.kind, Kind::Map(entries) if !entries.is_empty() && !entries.iter().any(|entry| is_word(&entry.key.text())))
}

/// The short name that is all there is between braces.
fn in_braces(node: &Node) -> Option<&Node> {
    let Kind::Map(entries) = &node.kind else { return None };
    let [entry] = entries.as_slice() else { return None };
    Some(&entry.key).filter(|name| is_short_name(&name.text()) && entry.value.value() == Some(Value::Null))
}

/// Whether a key is one of the long form.
fn is_about_a_type(key: &Node) -> bool {
    matches!(key.text().as_str(), "type" | "default" | "optional")
}

/// The long form of a type.
const VALUE: Owner = Owner {
    noun: "a value of the context",
    attributes: Known::Listed(&["type", "default", "optional"]),
    unknown: Code::InvalidContextType,
};

/// A type that may be missing; twice is not more than once.
fn optional(ty: ContextType) -> ContextType {
    if matches!(ty, ContextType::Optional(_)) { ty } else { ContextType::Optional(Box::new(ty)) }
}

fn context_type(node: &Node, edition: Edition, findings: &mut Findings) -> Option<Spanned<ContextType>> {
    let ty = match (&node.kind, node.value()) {
        (Kind::List(items), _) => match items.as_slice() {
            [item] => ContextType::List(Box::new(context_type(item, edition, findings)?.value)),
            _ => return invalid(node, "a list type names the one type of its items", "write it as `[int]`", findings),
        },
        (_, Some(Value::Text(text))) => match text.strip_suffix('?') {
            Some(required) => {
                edition.lacks(Code::InvalidContextType, node.span, &format!("the optional type `{text}`"), findings);
                // What is put in the place of a path leaves the mark behind it.
                let path = Span { end: node.span.end - usize::from(node.is_plain()), ..node.span };
                optional(named(required, path, node, findings)?)
            }
            None => named(text, node.span, node, findings)?,
        },
        _ => return invalid(node, &format!("a context type is a name, this is {}", node.describe()), KNOWN, findings),
    };
    Some(Spanned::new(ty, node.span))
}

const KNOWN: &str = "write one of str, int, float, bool, json, datetime, date, or the path of a Rust type";

fn named(text: &str, path: Span, node: &Node, findings: &mut Findings) -> Option<ContextType> {
    let ty = match text {
        "str" | "unicode" => ContextType::Str,
        "int" | "long" => ContextType::Int,
        "float" => ContextType::Float,
        "bool" => ContextType::Bool,
        "json" | "dict" => ContextType::Json,
        "datetime" => ContextType::DateTime,
        "date" => ContextType::Date,
        "pickle" => ContextType::Pickle,
        _ => match LONG_NAMES.into_iter().find(|(name, _)| *name == text) {
            Some((_, ty)) => ty,
            None => return path_or_typo(text, path, node, findings),
        },
    };
    Some(ty)
}

/// A single word in lower case is no type of the author's crate: it is a short name that is misspelt.
fn path_or_typo(text: &str, path: Span, node: &Node, findings: &mut Findings) -> Option<ContextType> {
    let whole = node.text();
    if let Some(unquoted) = in_quotes(node, &whole) {
        let message = format!("`{}` is in quotes, and so a text and no type", shorten(unquoted));
        let help = format!("leave the quotes off: `{}`", shorten(unquoted));
        findings.report(Code::InvalidContextType, node.span, message).help(help).fix(node.span, unquoted);
        return None;
    }
    if spelling::is_list_of_nothing(text) {
        let message = format!("`{text}` does not say what the items are");
        return invalid(node, &message, "write their type in brackets, such as `[str]`", findings);
    }
    let Some(meant) = spelling::meant(&whole, text) else {
        return path::split(text, path, findings).map(ContextType::Path);
    };
    findings
        .report(Code::InvalidContextType, node.span, format!("there is no context type `{}`", shorten(&whole)))
        .help(format!("did you mean `{meant}`?"))
        .fix(node.span, meant);
    None
}

/// A list or a mapping that quotes have made a text of.
fn in_quotes<'a>(node: &Node, text: &'a str) -> Option<&'a str> {
    let text = text.trim();
    let is_within = |[opening, closing]: [char; 2]| text.starts_with(opening) && text.ends_with(closing);
    (!node.is_plain() && [['[', ']'], ['{', '}']].into_iter().any(is_within)).then_some(text)
}

fn invalid<T>(node: &Node, message: &str, help: &str, findings: &mut Findings) -> Option<T> {
    findings.report(Code::InvalidContextType, node.span, message).help(help);
    None
}
