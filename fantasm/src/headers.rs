//! What travels with an instance: names and texts that no machine declares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Texts by name that travel with an instance unchanged, and on to the instances that it spawns: a trace's identity, the
/// tenant that asked.
///
/// They are given when an instance starts ([`Start::header`](crate::Start::header)), and read with
/// [`Context::header`](crate::Context::header). What changes on the way belongs into the context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// The header of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a header, in the place of an earlier one of its name.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
