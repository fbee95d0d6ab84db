//! Types of the context as people spell them who have another language in mind: what they mean here.

use crate::similar::similar;

use super::context_type::{SHORT_NAMES, is_short_name};

/// The type that was most likely meant by a text, of which `name` is all but a `?`; none, if it may be a path.
pub(super) fn meant(text: &str, name: &str) -> Option<String> {
    meant_form(text).or_else(|| meant_name(name).map(|meant| text.replace(name, meant)))
}

/// An optional type or a list that is written as in another language.
fn meant_form(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > LONGEST_FORM {
        return None;
    }
    let inside = |names: [&str; 3]| {
        let inside = names.iter().find_map(|name| text.strip_prefix(name)?.strip_prefix('<')?.strip_suffix('>'))?;
        Some(meant_form(inside).unwrap_or_else(|| meant_word(inside)))
    };
    if let Some(item) = inside(["Option", "option::Option", "std::option::Option"]) {
        let is_list = item.starts_with('[');
        return Some(if is_list {
            format!("{{type: {item}, optional: true}}")
        } else {
            format!("{}?", item.trim_end_matches('?'))
        });
    }
    if let Some(item) = inside(["Vec", "vec::Vec", "std::vec::Vec"]) {
        return Some(format!("[{item}]"));
    }
    if let Some(item) = text.strip_suffix('?').map(str::trim_end).filter(|item| item.starts_with('[')) {
        return Some(format!("{{type: {item}, optional: true}}"));
    }
    if let Some((ty, default)) = text.split_once('=') {
        let ty = ty.trim();
        let ty = meant_form(ty).unwrap_or_else(|| meant_word(ty));
        return Some(format!("{{type: {ty}, default: {}}}", default.trim()));
    }
    if let Some(word) = text.strip_suffix('?').filter(|word| word.ends_with(' ')) {
        return Some(format!("{}?", meant_word(word)));
    }
    let word = text.trim_matches('?');
    let is_marked_twice_or_before = text.starts_with('?') || text.ends_with("??");
    (is_marked_twice_or_before && !word.is_empty()).then(|| format!("{}?", meant_word(word)))
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
    if text == "String" {
        return Some("str");
    }
    if !text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit()) || is_short_name(text) {
        return None;
    }
    foreign_name(text)
        .or_else(|| similar(text, SHORT_NAMES))
        .or_else(|| similar(text, FOREIGN_NAMES).and_then(foreign_name))
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
