//! A small reader of XML, strict enough to tell whether a picture is well-formed.

use std::collections::BTreeMap;

/// An element with all that is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Self>,
    pub(crate) text: String,
}

impl Element {
    /// Returns an attribute, or an empty text.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// Returns the element and all within it.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        all.extend(self.children.iter().flat_map(Self::all));
        all
    }

    /// Returns all elements within that have an attribute.
    pub(crate) fn with(&self, attribute: &str) -> Vec<&Self> {
        self.all().into_iter().filter(|element| element.attributes.contains_key(attribute)).collect()
    }
}

/// Reads a document that is one element.
#[track_caller]
pub(crate) fn read(text: &str) -> Element {
    let mut open = vec![Element::default()];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        open.last_mut().expect("an element is open").text.push_str(&unescape(before));
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let element = open.pop().expect("an element is open");
            assert_eq!(element.name, name, "the element that was opened last is closed first");
            open.last_mut().expect("it is within another").children.push(element);
        } else if let Some(tag) = tag.strip_suffix('/') {
            open.last_mut().expect("an element is open").children.push(start(tag));
        } else {
            open.push(start(tag));
        }
    }
    assert_eq!((open.len(), rest.trim()), (1, ""), "every element is closed");
    let mut document = open.remove(0);
    assert_eq!((document.children.len(), document.text.trim()), (1, ""), "there is one element");
    document.children.remove(0)
}

#[track_caller]
fn start(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    assert!(!name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric()), "`{name}` is a name");
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        let (key, value) = rest.trim_start().split_once("=\"").expect("an attribute has a value");
        let (value, after) = value.split_once('"').expect("a value ends");
        assert!(key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'), "`{key}` is a key");
        assert!(attributes.insert(key.to_owned(), unescape(value)).is_none(), "`{key}` is there once");
        rest = after;
    }
    Element { name: name.to_owned(), attributes, ..Element::default() }
}

#[track_caller]
fn unescape(text: &str) -> String {
    let mut parts = text.split('&');
    let mut unescaped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').expect("an entity ends");
        unescaped.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#10" => '\n',
            _ => panic!("`{entity}` is no entity of ours"),
        });
        unescaped.push_str(after);
    }
    unescaped
}
