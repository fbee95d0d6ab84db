//! A text that is no YAML, with one line less or otherwise, so that the rest of it can be read.

use std::ops::Range;

use crate::attribute::attributes;
use crate::parse::is_short_name;
use crate::similar::similar;
use crate::source;

/// The line to change, and what to put there, for a text that stops being YAML at this byte.
///
/// Most often a quote or a bracket is left open on a line before; else the line at the byte goes.
pub(super) fn readable(text: &str, at: usize) -> (Range<usize>, String) {
    if let Some(tabs) = source::tabs(text) {
        return (tabs.clone(), "  ".repeat(tabs.len()));
    }
    let at = at.min(text.trim_end().len());
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    if let Some(mended) = forgotten_colon(text, end) {
        return mended;
    }
    let mut start = 0;
    for line in text[..end].split_inclusive('\n') {
        let range = start..start + line.trim_end().len();
        start += line.len();
        if let Some(value) = meant_list(line) {
            return (range.end - value.len()..range.end, with_quotes_or_end(value));
        }
        if let Some(pair) = PAIRS.iter().find(|pair| is_open(line, **pair)) {
            return (range.clone(), text[range].replace(*pair, ""));
        }
    }
    let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
    (start..end, String::new())
}

/// What helps, where it is clear what keeps a text from being YAML at this byte.
pub(crate) fn hint(text: &str, at: usize) -> Option<String> {
    let at = at.min(text.trim_end().len());
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    if let Some((colon, _)) = forgotten_colon(text, end) {
        let key = text[..colon.start].rsplit(|letter: char| letter.is_whitespace()).next()?;
        return Some(format!("write a `:` behind `{key}`"));
    }
    let value = meant_list(text[..end].rsplit('\n').next()?)?;
    Some(match value.strip_suffix('?') {
        Some(list) => format!("write an optional list as `{{type: {list}, optional: true}}`"),
        None => format!("close the bracket: `{}`", with_quotes_or_end(value)),
    })
}

/// A colon behind a word that stands where a key is meant: before what is in it, or before its value.
fn forgotten_colon(text: &str, end: usize) -> Option<(Range<usize>, String)> {
    let mut line_end = end;
    // Yaml reads on until the next colon, so that it is the line at which it stops, or the one before.
    for line in text[..end].rsplit('\n').take(2) {
        let start = line_end - line.len();
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let (key, value) = line[indent..].trim_end().split_once(' ').unwrap_or((line[indent..].trim_end(), ""));
        let is_word = |word: &str| {
            word.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '?'))
        };
        let is_key =
            !key.is_empty() && is_word(key) && attributes().iter().any(|attribute| is_meant(key, attribute.name));
        if is_key && is_word(value) {
            let at = start + indent + key.len();
            return Some((at..at, ":".to_owned()));
        }
        line_end = start.checked_sub(1)?;
    }
    None
}

fn is_meant(key: &str, name: &str) -> bool {
    key == name || similar(key, [name]).is_some()
}

/// The value of a line, if it is a list of one type that is left open, or has a mark behind it that YAML does not take.
fn meant_list(line: &str) -> Option<&str> {
    let value = line.split_once(": ")?.1.trim();
    let item = value.strip_prefix('[')?;
    let is_marked = item.strip_suffix("]?").is_some_and(|item| !item.contains(['[', ']', ',', ':']));
    (is_marked || is_short_name(item)).then_some(value)
}

fn with_quotes_or_end(value: &str) -> String {
    if value.ends_with('?') { format!("\"{value}\"") } else { format!("{value}]") }
}

const PAIRS: [[char; 2]; 3] = [['"', '"'], ['[', ']'], ['{', '}']];

/// Whether a line opens what it does not close.
fn is_open(line: &str, [opening, closing]: [char; 2]) -> bool {
    let count = |letter| line.matches(letter).count();
    if opening == closing { count(opening) % 2 == 1 } else { count(opening) != count(closing) }
}
