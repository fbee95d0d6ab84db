//! Which edition of the language a file is written in.

use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::Value;
use crate::source::Span;
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

    /// Notes what the first edition does not have. It is read all the same, so that the file's edition is the only mistake.
    pub(super) fn lacks(self, code: Code, span: Span, what: &str, findings: &mut Findings) {
        if self == Self::First {
            let message = format!("{what} belongs to the second edition of the language, and the file is in the first");
            findings.newer.push((code, span, message));
        }
    }
}

/// Reports what a file has of a later edition than its own, at the first place: it is one mistake, at the top of the file.
pub(super) fn newer_than_its_file(findings: &mut Findings) {
    let newer = std::mem::take(&mut findings.newer);
    let n_others = newer.len().saturating_sub(1);
    let Some((code, span, message)) = newer.into_iter().min_by_key(|(_, span, _)| span.start) else { return };
    let help = "write `edition: 2` at the top of the file";
    let help = match n_others {
        0 => help.to_owned(),
        1 => format!("{help}, which one more place in it needs"),
        _ => format!("{help}, which {n_others} more places in it need"),
    };
    findings.report(code, span, message).label("needs `edition: 2`").help(help);
}
