//! A lock as text: YAML, one line for each state and each value.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::UnknownKeys;
use crate::source::Sources;
use crate::yaml::{self, Kind, Node};

use super::shape::{Shape, StateKind, StateShape};
use super::{Lock, LockError};

impl Lock {
    /// Reads what [`Lock`] displays as.
    ///
    /// # Errors
    ///
    /// When the text is nothing of the kind.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut sources = Sources::default();
        let file = sources.add("fantasm.lock", text);
        let error = |span, message: &str| LockError { line: sources.place(span).line, message: message.to_owned() };
        let root = yaml::parse(file, text).map_err(|failure| error(failure.span, &failure.message))?;
        let wrong = |node: &Node| error(node.span, "this is not what `fantasm lock` writes");
        let machines = entries(&root).ok_or_else(|| wrong(&root))?;
        machines.map(|(name, node)| Ok((name, Shape::parse(node).map_err(wrong)?))).collect::<Result<_, _>>().map(Self)
    }
}

/// YAML, one line for each state and each value, so that a change is a change of its line.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("# What stored instances rely on. `fantasm lock` writes it; keep it with fsm.yaml.\n")?;
        if self.0.is_empty() {
            return f.write_str("{}\n");
        }
        for (name, shape) in &self.0 {
            writeln!(f, "{}:", quoted(name))?;
            f.write_str(if shape.context.is_empty() { "  context: {}\n" } else { "  context:\n" })?;
            write_types(f, &shape.context)?;
            f.write_str(if shape.gone.is_empty() { "" } else { "  gone:\n" })?;
            write_types(f, &shape.gone)?;
            if shape.unknown_keys != UnknownKeys::default() {
                writeln!(f, "  unknown_keys: {}", shape.unknown_keys.as_str())?;
            }
            if !shape.earlier_names.is_empty() {
                writeln!(f, "  renamed_from: {}", list(&shape.earlier_names))?;
            }
            f.write_str("  states:\n")?;
            for (name, state) in &shape.states {
                let (name, events) = (quoted(name), events(&state.events));
                let group = state.group.as_ref().map(|group| format!(", group: {}", quoted(group)));
                let earlier = (!state.earlier_names.is_empty()).then(|| list(&state.earlier_names));
                let more = group.into_iter().chain(earlier.map(|names| format!(", renamed_from: {names}")));
                let more = more.collect::<String>();
                match state.kind.word() {
                    None if more.is_empty() => writeln!(f, "    {name}: {events}")?,
                    word => writeln!(f, "    {name}: {{{}: {events}{more}}}", word.unwrap_or("plain"))?,
                }
            }
        }
        Ok(())
    }
}

impl Shape {
    fn parse(node: &Node) -> Result<Self, &Node> {
        let mut shape = Self::default();
        for (key, node) in entries(node).ok_or(node)? {
            match key.as_str() {
                "context" => shape.context = parse_types(node)?,
                "gone" => shape.gone = parse_types(node)?,
                "unknown_keys" => {
                    let word = scalar(node).ok_or(node)?;
                    shape.unknown_keys = UnknownKeys::from_word(&word).ok_or(node)?;
                }
                "renamed_from" => shape.earlier_names = names(node)?,
                "states" => {
                    for (name, state) in entries(node).ok_or(node)? {
                        shape.states.insert(name, StateShape::parse(state)?);
                    }
                }
                _ => return Err(node),
            }
        }
        Ok(shape)
    }
}

impl StateShape {
    fn parse(node: &Node) -> Result<Self, &Node> {
        let Some(mut entries) = entries(node) else {
            return Ok(Self { events: parse_events(node)?, ..Self::default() });
        };
        let (word, events) = entries.next().ok_or(node)?;
        let kind = StateKind::from_word(&word).ok_or(node)?;
        let mut shape = Self { kind, events: parse_events(events)?, ..Self::default() };
        for (key, node) in entries {
            match &*key {
                "group" => shape.group = Some(scalar(node).ok_or(node)?),
                "renamed_from" => shape.earlier_names = names(node)?,
                _ => return Err(node),
            }
        }
        Ok(shape)
    }
}

fn write_types(f: &mut fmt::Formatter<'_>, types: &BTreeMap<String, String>) -> fmt::Result {
    types.iter().try_for_each(|(name, ty)| writeln!(f, "    {}: {}", quoted(name), quoted(ty)))
}

fn parse_types(node: &Node) -> Result<BTreeMap<String, String>, &Node> {
    entries(node).ok_or(node)?.map(|(name, ty)| Ok((name, scalar(ty).ok_or(ty)?))).collect()
}

/// The names of events, one that had others before with these: `[sent, {read: [loaded, got]}]`.
fn events(events: &BTreeMap<String, Vec<String>>) -> String {
    let event = |(name, earlier): (&String, &Vec<String>)| match earlier.as_slice() {
        [] => quoted(name),
        earlier => format!("{{{}: {}}}", quoted(name), list(earlier)),
    };
    format!("[{}]", events.iter().map(event).collect::<Vec<_>>().join(", "))
}

fn parse_events(node: &Node) -> Result<BTreeMap<String, Vec<String>>, &Node> {
    let Kind::List(items) = &node.kind else { return Err(node) };
    let mut events = BTreeMap::new();
    for item in items {
        match entries(item) {
            None => drop(events.insert(scalar(item).ok_or(item)?, Vec::new())),
            Some(entries) => {
                for (name, earlier) in entries {
                    events.insert(name, names(earlier)?);
                }
            }
        }
    }
    Ok(events)
}

fn names(node: &Node) -> Result<Vec<String>, &Node> {
    let Kind::List(items) = &node.kind else { return Err(node) };
    items.iter().map(|item| scalar(item).ok_or(item)).collect()
}

fn list(names: &[String]) -> String {
    format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "))
}

fn entries(node: &Node) -> Option<impl Iterator<Item = (String, &Node)>> {
    match &node.kind {
        Kind::Map(entries) => Some(entries.iter().map(|entry| (entry.key.text(), &entry.value))),
        Kind::List(_) | Kind::Scalar(_) => None,
    }
}

fn scalar(node: &Node) -> Option<String> {
    matches!(node.kind, Kind::Scalar(_)).then(|| node.text())
}

/// A text as YAML, with quotes wherever it might mean something else.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    if is_plain {
        return text.to_owned();
    }
    let letters = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_control() => format!("\\U{:08x}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", letters.collect::<String>())
}
