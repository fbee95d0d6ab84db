//! Which edition of the language a file is written in.

use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::Value;
use crate::yaml::Node;

use super::attributes::peek;

/// An edition of the language.
///
/// Fantasm (Python) refuses an attribute that it does not know, and so does the first edition. What has come since is the second
/// one; a file asks for it with `edition: 2`, a key at the top that Fantasm (Python) ignores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edition {
    First,
    Second,
}

impl Edition {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    pub(super) fn of(root: &Node, findings: &mut Findings) -> Self {
        let Some(node) = peek(root, "edition") else { return Self::First };
        match node.value() {
            Some(Value::Integer(Some(1))) => Self::First,
            Some(Value::Integer(Some(2))) => Self::Second,
            _ => {
                findings
                    .report(Code::InvalidEdition, node.span, format!("there is no edition like {}", node.describe()))
                    .help("write `edition: 2`, or remove the attribute for the language of Fantasm (Python)");
                // Everything is judged by the newest edition, so that this mistake stays the only one.
                Self::Second
            }
        }
    }
}
