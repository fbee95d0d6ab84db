//! The items of a list of states or transitions, also where they are not written as one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::diagnostic::Findings;
use crate::scalar::Value;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Node};

use super::attributes::{Attributes, duplicate_keys, peek};

/// How an item is known.
pub(super) struct Item {
    /// "a state".
    pub(super) noun: &'static str,
    /// The attribute that names it, which most authors write first.
    pub(super) name: &'static str,
    /// The attribute that a value without attributes is most likely meant for.
    pub(super) short: Option<&'static str>,
}

impl Item {
    /// The items of a list. What is written in another way is reported, and read as what was most likely meant: its names are
    /// not missed as well.
    pub(super) fn list<'a>(
        &self,
        attributes: &Attributes<'a>,
        node: &'a Node,
        findings: &mut Findings,
    ) -> Cow<'a, [Node]> {
        let items = attributes.list(node, findings);
        match &node.kind {
            Kind::Map(_) if peek(node, self.name).is_some() => Cow::Owned(self.parts(node, findings)),
            Kind::Map(entries) => Cow::Owned(entries.iter().filter_map(|entry| self.named(entry)).collect()),
            Kind::List(_) if items.iter().any(|item| self.starts(item).len() > 1) => {
                Cow::Owned(items.iter().flat_map(|item| self.parts(item, findings)).collect())
            }
            Kind::List(_) | Kind::Scalar(_) => Cow::Borrowed(items),
        }
    }

    /// Where in a mapping an item starts: at its name, if other attributes are there again too.
    fn starts(&self, node: &Node) -> Vec<usize> {
        let Kind::Map(entries) = &node.kind else { return Vec::new() };
        let is_name = |entry: &Entry| entry.key.text() == self.name;
        let mut seen = BTreeSet::new();
        let is_run_together = entries.first().is_some_and(is_name)
            && entries.iter().filter(|entry| !is_name(entry)).any(|entry| !seen.insert(entry.key.text()));
        let starts = entries.iter().enumerate().filter(|(_, entry)| is_run_together && is_name(entry));
        starts.map(|(at, _)| at).collect()
    }

    /// The items of a mapping that has taken in the ones after it, because their `-` was forgotten.
    fn parts(&self, node: &Node, findings: &mut Findings) -> Vec<Node> {
        let starts = self.starts(node);
        let Kind::Map(entries) = &node.kind else { return vec![node.clone()] };
        if starts.len() < 2 {
            return vec![node.clone()];
        }
        duplicate_keys(entries, self.noun, findings);
        let ends = starts[1..].iter().copied().chain([entries.len()]);
        starts.iter().zip(ends).map(|(start, end)| mapping(entries[*start..end].to_vec(), node.span)).collect()
    }

    /// The item of a mapping from names to what is named.
    fn named(&self, entry: &Entry) -> Option<Node> {
        let key = |text| Node { span: entry.key.span, kind: Kind::plain(text) };
        let mut entries = vec![Entry { key: key(self.name), value: entry.key.clone() }];
        match (&entry.value.kind, self.short) {
            (Kind::Map(attributes), _) => entries.extend(attributes.iter().cloned()),
            (Kind::Scalar(_), Some(short)) if entry.value.value() != Some(Value::Null) => {
                entries.push(Entry { key: key(short), value: entry.value.clone() });
            }
            (Kind::Scalar(_), _) => {}
            (Kind::List(_), _) => return None,
        }
        Some(mapping(entries, entry.key.span))
    }
}

fn mapping(entries: Vec<Entry>, span: Span) -> Node {
    Node {
        span: entries.first().map_or(span, |entry| Span { end: span.end.max(entry.key.span.end), ..entry.key.span }),
        kind: Kind::Map(entries),
    }
}
