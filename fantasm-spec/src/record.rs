//! What is told of an instance that has ended: the values by which a machine that its end starts takes it.

/// The names of the values, and the type of each.
pub(crate) const RECORD: [(&str, &str); 6] = [
    ("instance", "int"),
    ("machine", "str"),
    ("key", "str"),
    ("status", "str"),
    ("reason", "str"),
    ("context", "json, or the path of a type"),
];

/// Whether every end gives the value: an instance need not have a key, nor a reason for its end.
pub(crate) fn is_always_told(value: &str) -> bool {
    is_told(value) && !matches!(value, "key" | "reason")
}

/// Whether some ends give the value.
pub(crate) fn is_told(value: &str) -> bool {
    RECORD.iter().any(|(name, _)| *name == value)
}
