//! A lock as text: YAML, one line for each state and each value.

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
            for (name, ty) in &shape.context {
                writeln!(f, "    {}: {}", quoted(name), quoted(ty))?;
            }
            if shape.unknown_keys != UnknownKeys::default() {
                writeln!(f, "  unknown_keys: {}", shape.unknown_keys.as_str())?;
            }
            f.write_str("  states:\n")?;
            for (name, state) in &shape.states {
                let events = state.events.iter().map(|event| quoted(event)).collect::<Vec<_>>().join(", ");
                match state.kind.word() {
                    None => writeln!(f, "    {}: [{events}]", quoted(name))?,
                    Some(word) => writeln!(f, "    {}: {{{word}: [{events}]}}", quoted(name))?,
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
                "context" => {
                    for (name, ty) in entries(node).ok_or(node)? {
                        shape.context.insert(name, scalar(ty).ok_or(ty)?);
                    }
                }
                "unknown_keys" => {
                    let word = scalar(node).ok_or(node)?;
                    shape.unknown_keys = UnknownKeys::from_word(&word).ok_or(node)?;
                }
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
        let (kind, list) = match entries(node) {
            None => (StateKind::Plain, node),
            Some(mut entries) => match (entries.next(), entries.next()) {
                (Some((word, list)), None) => {
                    let kinds = [StateKind::Continuation, StateKind::FanIn];
                    (kinds.into_iter().find(|kind| kind.word() == Some(&*word)).ok_or(node)?, list)
                }
                _ => return Err(node),
            },
        };
        let Kind::List(items) = &list.kind else { return Err(list) };
        let events = items.iter().map(|event| scalar(event).ok_or(event)).collect::<Result<_, _>>()?;
        Ok(Self { kind, events })
    }
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
