//! The types of context fields.

use crate::ast::{ContextField, ContextType, Field};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::Value;
use crate::similar::similar;
use crate::source::Spanned;
use crate::yaml::{Entry, Kind, Node};

use super::attributes::{Attributes, Known, Owner, duplicate_keys, wrong_type};
use super::default::default;
use super::edition::Edition;
use super::path;

/// The types that fsm.yaml has names of its own for.
const SHORT_NAMES: [&str; 11] =
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
pub(super) fn is_short_name(word: &str) -> bool {
    SHORT_NAMES.contains(&word)
}

impl Attributes<'_> {
    pub(super) fn context_types(&self, findings: &mut Findings) -> Vec<ContextField> {
        let Some(node) = self.get("context_types") else { return Vec::new() };
        let Kind::Map(entries) = &node.kind else {
            wrong_type(
                node,
                "`context_types` is a mapping from keys to types",
                "write one key a line, as `key: int`",
                findings,
            );
            return Vec::new();
        };
        duplicate_keys(entries, "`context_types`", findings);
        entries.iter().map(|entry| self.context_field(entry, findings)).collect()
    }

    /// A type, or in the second edition a mapping with a type and what else there is to say of the value.
    fn context_field(&self, entry: &Entry, findings: &mut Findings) -> ContextField {
        let name = Spanned::new(entry.key.text(), entry.key.span);
        let node = &entry.value;
        let given = |ty, span| Field::Given(Spanned::new(ty, span));
        if self.edition < Edition::Second || !matches!(node.kind, Kind::Map(_)) {
            let ty = context_type(node, self.edition, findings).map_or(Field::Invalid, |ty| given(ty, node.span));
            return ContextField { name, ty, default: None };
        }
        let invalid = |name| ContextField { name, ty: Field::Invalid, default: None };
        let Some(value) = Attributes::read(&VALUE, node, self.edition, findings) else { return invalid(name) };
        let Some(written) = value.get("type") else {
            findings
                .report(Code::InvalidContextType, value.span, format!("the value `{}` has no type", name.value))
                .help("add `type: …`, such as `type: int`");
            return invalid(name);
        };
        let is_optional = value.truth("optional", findings).is_true();
        let Some(ty) = context_type(written, self.edition, findings) else { return invalid(name) };
        let default = value.get("default").and_then(|node| default(&ty, node, findings));
        let ty = if is_optional { optional(ty) } else { ty };
        ContextField { name, ty: given(ty, written.span), default }
    }
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

fn context_type(node: &Node, edition: Edition, findings: &mut Findings) -> Option<ContextType> {
    match (&node.kind, node.value()) {
        (Kind::List(items), _) => match items.as_slice() {
            [item] => context_type(item, edition, findings).map(|item| ContextType::List(Box::new(item))),
            _ => invalid(node, "a list type names the one type of its items", "write it as `[int]`", findings),
        },
        (_, Some(Value::Text(text))) => match text.strip_suffix('?') {
            Some(_) if edition < Edition::Second => {
                let help = "optional values belong to the second edition of the language: add `edition: 2` at the top of the file";
                invalid(node, "there is no context type with a `?` in this edition", help, findings)
            }
            Some(text) => named(text, node, findings).map(optional),
            None => named(text, node, findings),
        },
        _ => invalid(node, &format!("a context type is a name, this is {}", node.describe()), KNOWN, findings),
    }
}

const KNOWN: &str = "write one of str, int, float, bool, json, datetime, date, or the path of a Rust type";

fn named(text: &str, node: &Node, findings: &mut Findings) -> Option<ContextType> {
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
            None => return path_or_typo(text, node, findings),
        },
    };
    Some(ty)
}

/// A single word in lower case is no type of the author's crate: it is a short name that is misspelt.
fn path_or_typo(text: &str, node: &Node, findings: &mut Findings) -> Option<ContextType> {
    if text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        && let Some(meant) = foreign_name(text)
            .or_else(|| similar(text, SHORT_NAMES))
            .or_else(|| similar(text, FOREIGN_NAMES).and_then(foreign_name))
    {
        findings
            .report(Code::InvalidContextType, node.span, format!("there is no context type `{text}`"))
            .help(format!("did you mean `{meant}`?"))
            .fix(node.span, meant);
        return None;
    }
    path::split(text, node.span, findings).map(ContextType::Path)
}

/// The words of other languages that are long enough to be misspelt.
const FOREIGN_NAMES: [&str; 7] = ["string", "integer", "number", "double", "boolean", "object", "timestamp"];

/// What the names of other languages mean here.
fn foreign_name(text: &str) -> Option<&'static str> {
    Some(match text {
        "string" | "text" => "str",
        "integer" | "number" | "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "int",
        "double" | "f32" | "f64" => "float",
        "boolean" => "bool",
        "object" | "map" => "json",
        "timestamp" => "datetime",
        _ => return None,
    })
}

fn invalid(node: &Node, message: &str, help: &str, findings: &mut Findings) -> Option<ContextType> {
    findings.report(Code::InvalidContextType, node.span, message).help(help);
    None
}
