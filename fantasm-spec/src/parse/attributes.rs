//! The attributes of a mapping: which there are, which stand twice, which nobody knows.

use crate::attribute;
use crate::code::{Class, Code};
use crate::diagnostic::Findings;
use crate::scalar::shorten;
use crate::similar::similar;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Node};

use super::edition::Edition;

/// Who has the attributes: for messages, and for which attributes there are.
pub(super) struct Owner {
    /// "a state".
    pub(super) noun: &'static str,
    pub(super) attributes: Known,
    /// The code of an attribute that is none of them.
    pub(super) unknown: Code,
}

/// Which attributes there are.
pub(super) enum Known {
    /// Those that the language gives to an owner.
    Of(attribute::Owner),
    /// Those of other formats.
    Listed(&'static [&'static str]),
}

impl Known {
    /// The names that an edition has.
    fn names(&self, edition: Edition) -> Vec<&'static str> {
        match self {
            Self::Listed(names) => names.to_vec(),
            Self::Of(owner) => {
                let all = attribute::attributes().iter().filter(|attribute| attribute.owner == *owner);
                all.filter(|attribute| attribute.edition <= edition.number()).map(|attribute| attribute.name).collect()
            }
        }
    }
}

/// The attributes of one mapping.
pub(super) struct Attributes<'a> {
    pub(super) owner: &'static Owner,
    entries: &'a [Entry],
    pub(super) edition: Edition,
    known: Vec<&'static str>,
    /// The entries whose keys are misspelt, by what was most likely meant.
    misspelt: Vec<(&'static str, &'a Entry)>,
    /// The first key, where a missing attribute is missed.
    pub(super) span: Span,
}

impl<'a> Attributes<'a> {
    /// Reads a mapping; reports keys that stand twice and keys that its owner does not have.
    pub(super) fn read(
        owner: &'static Owner,
        node: &'a Node,
        edition: Edition,
        findings: &mut Findings,
    ) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            let expected = format!("{} is a mapping of attributes", owner.noun);
            wrong_type(node, &expected, "write one attribute a line, as `name: value`, all indented alike", findings);
            return None;
        };
        let span = entries.first().map_or(node.span, |entry| entry.key.span);
        let known = owner.attributes.names(edition);
        let mut attributes = Self { owner, entries, edition, known, misspelt: Vec::new(), span };
        duplicate_keys(entries, owner.noun, findings);
        for entry in entries {
            if let Some(meant) = attributes.unknown_attribute(&entry.key, findings) {
                attributes.misspelt.push((meant, entry));
            }
        }
        Some(attributes)
    }

    /// The value of an attribute.
    ///
    /// One that has been reported is there all the same where it is clear what was meant, so that it is not missed as well: its
    /// name is misspelt, or the file should have said its edition.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        if !self.known.contains(&name) && !self.is_newer(name) {
            return None;
        }
        let misspelt = || self.misspelt.iter().find(|(meant, _)| *meant == name).map(|(_, entry)| *entry);
        peek_entry(self.entries, name).or_else(misspelt).map(|entry| &entry.value)
    }

    /// Whether an attribute stands there with several values, so that nobody knows which one is meant; it has been reported.
    pub(super) fn is_unclear(&self, name: &str) -> bool {
        let mut values = self.entries.iter().filter(|entry| entry.key.text() == name).map(|entry| entry.value.text());
        values.next().is_some_and(|first| values.any(|value| value != first))
    }

    /// Whether a later edition than the file's has an attribute, and it is an error to have it here.
    ///
    /// At the top of a file Fantasm passes over what it does not know, and so does the first edition.
    fn is_newer(&self, name: &str) -> bool {
        let has = |edition| self.owner.attributes.names(edition).contains(&name);
        self.owner.unknown.class() == Class::Error && !has(self.edition) && has(Edition::Second)
    }

    /// Where the name of an attribute is written.
    pub(super) fn key(&self, name: &str) -> Option<Span> {
        peek_entry(self.entries, name).map(|entry| entry.key.span)
    }

    /// The items of a list; an empty mapping passes for an empty list, as it does in Fantasm.
    pub(super) fn list(&self, node: &'a Node, findings: &mut Findings) -> &'a [Node] {
        match &node.kind {
            Kind::List(items) => items,
            Kind::Map(entries) if entries.is_empty() => &[],
            Kind::Map(_) | Kind::Scalar(_) => {
                let entry = self.entries.iter().find(|entry| std::ptr::eq(&entry.value, node));
                let name = entry.map(|entry| entry.key.text()).unwrap_or_default();
                wrong_type(node, &format!("`{name}` is a list"), "write one item a line, each behind a `-`", findings);
                &[]
            }
        }
    }

    /// Reports a key that the owner does not have; answers which one was most likely meant.
    fn unknown_attribute(&self, key: &Node, findings: &mut Findings) -> Option<&'static str> {
        let name = key.text();
        if self.known.contains(&name.as_str()) {
            return None;
        }
        let noun = self.owner.noun;
        if self.is_newer(&name) {
            self.edition.lacks(self.owner.unknown, key.span, &format!("attribute `{name}` of {noun}"), findings);
            return None;
        }
        let message = format!("`{}` is no attribute of {noun}", shorten(&name));
        let finding = findings.report(self.owner.unknown, key.span, message).label("unknown attribute");
        if self.owner.attributes.names(Edition::Second).contains(&name.as_str()) {
            finding.help("it belongs to the second edition of the language: add `edition: 2` at the top of the file");
            return None;
        }
        if self.owner.unknown == Code::AttributeWithoutEffect && is_of_a_machine(&name) {
            let start = Span { end: key.span.start, ..key.span };
            finding.help("it belongs to a machine: indent it as the machine's `name`").fix(start, "  ");
            return None;
        }
        let foreign = foreign_name(&name).filter(|meant| self.known.contains(meant) && self.key(meant).is_none());
        let meant = foreign.or_else(|| similar(&name, self.known.iter().copied()));
        match meant {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(key.span, meant),
            None => finding.help(format!("{noun} has: {}", self.known.join(", "))),
        };
        meant
    }
}

/// Whether an attribute at the top of a file has slipped out of a machine.
fn is_of_a_machine(name: &str) -> bool {
    matches!(name, "states" | "context_types")
}

/// What the words of other state machines mean here.
fn foreign_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "on" | "when" | "trigger" => "event",
        "goto" | "dest" | "next" => "to",
        "context" | "fields" | "values" | "data" => "context_types",
        _ => return None,
    })
}

/// The value of a key in a node that may be no mapping at all.
pub(super) fn peek<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match &node.kind {
        Kind::Map(entries) => peek_entry(entries, name).map(|entry| &entry.value),
        Kind::List(_) | Kind::Scalar(_) => None,
    }
}

fn peek_entry<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Entry> {
    // The last one counts, as in all YAML readers that let keys repeat; the repetition is an error of its own.
    entries.iter().rev().find(|entry| matches!(&entry.key.kind, Kind::Scalar(key) if key.text == name))
}

/// The same key twice is a slip of the hand, and only one of the two values would count.
///
/// Where several keys are there again, most likely one item of a list was taken in by the one before: that is one slip.
pub(super) fn duplicate_keys(entries: &[Entry], noun: &str, findings: &mut Findings) {
    let mut seen = std::collections::BTreeMap::new();
    let mut again = Vec::new();
    for entry in entries {
        let name = entry.key.text();
        match seen.get(&name) {
            Some(first) => again.push((name, entry.key.span, *first)),
            None => {
                seen.insert(name, entry.key.span);
            }
        }
    }
    let Some((name, span, first)) = again.first() else { return };
    let others = again[1..].iter().filter(|(other, ..)| other != name).map(|(other, ..)| shorten(other));
    let others = others.collect::<std::collections::BTreeSet<_>>();
    let (message, help) = if others.is_empty() {
        (format!("`{}` stands twice in {noun}", shorten(name)), "keep one of the two")
    } else {
        let others = others.iter().map(|other| format!("`{other}`")).collect::<Vec<_>>().join(", ");
        let message = format!("`{}` stands twice in {noun}, and so do {others}", shorten(name));
        (message, "keep one of each, or begin a new item of the list with a `-` before them")
    };
    findings
        .report(Code::DuplicateKey, *span, message)
        .label("set again here")
        .related(*first, "first set here")
        .help(help);
}

/// Reports a value whose kind is not the one that is asked for.
pub(super) fn wrong_type(node: &Node, expected: &str, help: &str, findings: &mut Findings) {
    findings.report(Code::WrongType, node.span, format!("{expected}, this is {}", node.describe())).help(help);
}

impl Node {
    /// Whether it is a text that stands without quotes.
    pub(super) fn is_plain(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(scalar) if scalar.is_plain)
    }

    /// The text of a key; a key that is a list or a mapping has none.
    pub(crate) fn text(&self) -> String {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.text.clone(),
            Kind::List(_) => "[…]".to_owned(),
            Kind::Map(_) => "{…}".to_owned(),
        }
    }
}
