//! The names of machines, states, events and context fields, and the Rust identifiers they become.

use std::fmt;

/// The type names that a generated machine module needs for itself, so no state may become one of them.
pub const RESERVED_STATE_IDENTS: [&str; 4] = ["Context", "Contexts", "State", "Self"];

/// The name of the field that holds the keys of a context that have no type, where they are kept.
pub const UNKNOWN_KEYS_IDENT: &str = "unknown_keys";

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Accepts a name that the rules have passed.
            pub(crate) fn new(checked: impl Into<String>) -> Self {
                Self(checked.into())
            }

            /// Returns the name as the file spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// The name of a machine: 1 to 50 ASCII letters, digits and hyphens.
    MachineName,
    /// The name of a state: 1 to 50 ASCII letters, digits and hyphens.
    StateName,
    /// The name of an event: 1 to 50 ASCII letters, digits and hyphens, or the path of a constant that has it.
    EventName,
    /// The key of a value in the context; any text.
    ContextFieldName,
}

macro_rules! identifiers {
    ($($name:ident),*) => {$(
        impl $name {
            /// Returns the name in upper camel case, for a type or a variant: `per-account` becomes `PerAccount`,
            /// `SendEmail` stays, `404` becomes `_404`.
            #[must_use]
            pub fn type_ident(&self) -> String {
                upper_camel(&self.0)
            }

            /// Returns the name in snake case, for a module or a function: `SendEmail` becomes `send_email`.
            ///
            /// It may be a keyword; whoever writes Rust makes that a raw identifier.
            #[must_use]
            pub fn module_ident(&self) -> String {
                snake(&self.0)
            }
        }
    )*};
}

identifiers!(MachineName, StateName);

impl EventName {
    /// Returns the name in upper camel case, for a variant: `per-account` becomes `PerAccount`; of a constant's path the last
    /// segment counts, so `consts::EVENT_SENT` becomes `EventSent`.
    #[must_use]
    pub fn type_ident(&self) -> String {
        event_ident(&self.0)
    }
}

impl ContextFieldName {
    /// Returns the key in snake case, for a field of the typed context: `per-account` becomes `per_account`.
    ///
    /// It may be a keyword; whoever writes Rust makes that a raw identifier.
    #[must_use]
    pub fn field_ident(&self) -> String {
        snake(&self.0)
    }
}

/// `per-account` becomes `PerAccount`; an identifier may not start with a digit, hence `_404`.
pub(crate) fn upper_camel(name: &str) -> String {
    let mut ident = String::with_capacity(name.len());
    for word in name.split(is_separator).filter(|word| !word.is_empty()) {
        let mut rest = word.chars();
        ident.extend(rest.next().map(|first| first.to_ascii_uppercase()));
        ident.push_str(rest.as_str());
    }
    after_digit(ident)
}

/// As [`upper_camel`], and `consts.EVENT_SENT` becomes `EventSent`.
pub(crate) fn event_ident(name: &str) -> String {
    match name.rsplit(['.', ':']).next() {
        Some(constant) if constant.len() < name.len() => upper_camel(&constant.to_ascii_lowercase()),
        _ => upper_camel(name),
    }
}

/// `SendEmail` becomes `send_email`, `HTTPFetch` becomes `http_fetch`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut ident = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        let starts_word = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && after.is_some_and(|c| c.is_lowercase()))
            });
        if (starts_word || is_separator(*letter)) && !ident.is_empty() && !ident.ends_with('_') {
            ident.push('_');
        }
        if !is_separator(*letter) {
            ident.extend(letter.to_lowercase());
        }
    }
    after_digit(ident.trim_end_matches('_').to_owned())
}

fn is_separator(letter: char) -> bool {
    matches!(letter, '-' | '_')
}

fn after_digit(ident: String) -> String {
    if ident.starts_with(|first: char| first.is_ascii_digit()) { format!("_{ident}") } else { ident }
}

/// Whether the text is a Rust identifier, keywords included; only ASCII ones are asked for.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && text != "_"
}

/// Whether an identifier is written as those of constants are: in capitals.
pub(crate) fn is_constant(ident: &str) -> bool {
    is_identifier(ident)
        && ident.starts_with(|first: char| first.is_ascii_uppercase())
        && !ident.contains(|letter: char| letter.is_ascii_lowercase())
}

/// The words that are no identifiers even in their raw form, such as `r#self`.
pub(crate) fn cannot_be_raw(ident: &str) -> bool {
    matches!(ident, "self" | "Self" | "super" | "crate" | "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_upper_camel_case() {
        for (name, ident) in
            [("per-account", "PerAccount"), ("SendEmail", "SendEmail"), ("404", "_404"), ("-x--", "X"), ("-", "")]
        {
            assert_eq!(StateName::new(name).type_ident(), ident, "{name}");
        }
    }

    #[test]
    fn events_are_upper_camel_case_and_constants_named_by_their_last_segment() {
        for (name, ident) in
            [("all-sent", "AllSent"), ("SENT", "SENT"), ("consts.SENT", "Sent"), ("::a::B::EVENT_SENT_2", "EventSent2")]
        {
            assert_eq!(EventName::new(name).type_ident(), ident, "{name}");
        }
    }

    #[test]
    fn modules_are_snake_case() {
        for (name, ident) in [
            ("SendEmail", "send_email"),
            ("per-account", "per_account"),
            ("HTTPFetch", "http_fetch"),
            ("count2Rows", "count2_rows"),
            ("Type", "type"),
            ("4x-", "_4x"),
            ("A-B", "a_b"),
        ] {
            assert_eq!(StateName::new(name).module_ident(), ident, "{name}");
        }
    }
}
