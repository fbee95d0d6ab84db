//! Types of the context as people spell them who have another language in mind: what they mean here.

use crate::similar::similar;

use super::context_type::{SHORT_NAMES, is_short_name};

/// The type that was most likely meant by a text, of which `name` is all but a `?`; none, if it may be a path.
pub(super) fn meant(text: &str, name: &str) -> Option<String> {
    meant_form(text).or_else(|| meant_name(name).map(|meant| text.replace(name, meant)))
}

/// An optional type, a list or a mapping that is written as in another language.
fn meant_form(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > LONGEST_FORM {
        return None;
    }
    generic(text)
        .or_else(|| union(text))
        .or_else(|| with_default(text))
        .or_else(|| marked(text))
        .or_else(|| between_signs(text))
}

/// `Vec<int>`, `list[int]`, `list of int`, `int[]`, `Option<int>`, `dict[str, int]`.
fn generic(text: &str) -> Option<String> {
    if let Some(item) = text.strip_suffix("[]").or_else(|| text.strip_prefix("list of ")) {
        return Some(format!("[{}]", meant_item(item)));
    }
    let (name, inside) = text.split_once(['<', '['])?;
    let inside = inside.strip_suffix(['>', ']'])?;
    let name = name.rsplit([':', '.']).next()?.to_ascii_lowercase();
    match &*name {
        "option" | "optional" | "nullable" | "maybe" => Some(optional(&meant_item(inside))),
        "vec" | "vecdeque" | "list" | "array" | "set" | "hashset" | "btreeset" | "sequence" => {
            Some(format!("[{}]", meant_item(inside)))
        }
        "map" | "hashmap" | "btreemap" | "dict" | "mapping" | "record" => Some("json".to_owned()),
        _ => None,
    }
}

/// `int | None` or `int or null`.
fn union(text: &str) -> Option<String> {
    let (one, other) = text.split_once('|').or_else(|| text.split_once(" or "))?;
    let is_nothing =
        |text: &str| matches!(&*text.trim().to_ascii_lowercase(), "none" | "null" | "nil" | "undefined" | "()");
    match (is_nothing(one), is_nothing(other)) {
        (false, true) => Some(optional(&meant_item(one))),
        (true, false) => Some(optional(&meant_item(other))),
        _ => None,
    }
}

/// `int = 7`.
fn with_default(text: &str) -> Option<String> {
    let (ty, default) = text.split_once('=')?;
    Some(format!("{{type: {}, default: {}}}", meant_item(ty), default.trim()))
}

/// `[int]?`, `int ?`, `?int` and `int??`.
fn marked(text: &str) -> Option<String> {
    if let Some(item) = text.strip_suffix('?').map(str::trim_end).filter(|item| item.starts_with('[')) {
        return Some(optional(item));
    }
    if let Some(word) = text.strip_suffix('?').filter(|word| word.ends_with(' ')) {
        return Some(optional(&meant_word(word)));
    }
    let word = text.trim_matches('?');
    let is_marked_twice_or_before = text.starts_with('?') || text.ends_with("??");
    (is_marked_twice_or_before && !word.is_empty()).then(|| optional(&meant_word(word)))
}

/// `int;`, `(int)` and `int]`: the name of a type between signs that mean nothing here.
fn between_signs(text: &str) -> Option<String> {
    let word = text.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let is_between = word.len() < text.trim_end_matches('?').len();
    let name = if is_short_name(word) { word } else { meant_name(word)? };
    is_between.then(|| if text.ends_with(']') { format!("[{name}]") } else { name.to_owned() })
}

fn meant_item(text: &str) -> String {
    meant_form(text).unwrap_or_else(|| meant_word(text))
}

/// A type as an optional one; a list has no sign for it.
fn optional(item: &str) -> String {
    if item.starts_with('[') {
        return format!("{{type: {item}, optional: true}}");
    }
    format!("{}?", item.trim_end_matches('?'))
}

/// Whether a word says that there is a list, and not of what.
pub(super) fn is_list_of_nothing(text: &str) -> bool {
    matches!(text, "list" | "array" | "vec" | "Vec" | "set" | "tuple")
}

/// Nobody nests types deeper by hand.
const LONGEST_FORM: usize = 200;

/// The name that fsm.yaml has for a type of Rust, or the path as it is written.
fn meant_word(word: &str) -> String {
    let word = word.trim();
    let name = if matches!(word, "String" | "std::string::String" | "&str") { Some("str") } else { meant_name(word) };
    name.unwrap_or(word).to_owned()
}

/// The short name that is meant by one that is misspelt or of another language.
fn meant_name(text: &str) -> Option<&'static str> {
    if let Some((_, name)) = FOREIGN_CAPITALS.into_iter().find(|(foreign, _)| *foreign == text) {
        return Some(name);
    }
    if !text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit()) || is_short_name(text) {
        return None;
    }
    foreign_name(text)
        .or_else(|| similar(text, SHORT_NAMES))
        .or_else(|| similar(text, FOREIGN_NAMES).and_then(foreign_name))
}

/// The names of types with capitals that nobody gives a type of his own.
const FOREIGN_CAPITALS: [(&str, &str); 8] = [
    ("String", "str"),
    ("Str", "str"),
    ("Unicode", "str"),
    ("Int", "int"),
    ("Integer", "int"),
    ("Float", "float"),
    ("Bool", "bool"),
    ("Boolean", "bool"),
];

/// The words of other languages that are long enough to be misspelt.
const FOREIGN_NAMES: [&str; 7] = ["string", "integer", "number", "double", "boolean", "object", "timestamp"];

/// What the names of other languages mean here.
fn foreign_name(text: &str) -> Option<&'static str> {
    Some(match text {
        "string" | "text" | "char" | "varchar" => "str",
        "integer" | "number" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64"
        | "u128" | "usize" => "int",
        "double" | "f32" | "f64" => "float",
        "boolean" => "bool",
        "object" | "map" | "any" => "json",
        "timestamp" => "datetime",
        _ => return None,
    })
}
