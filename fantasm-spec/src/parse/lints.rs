//! How seriously the author takes the rules that can be lived with.

use crate::code::Code;
use crate::diagnostic::Findings;
use crate::level::{Level, did_you_mean, with_level};
use crate::scalar::{Value, shorten};
use crate::yaml::{Entry, Kind, Node};

use super::attributes::{duplicate_keys, peek, wrong_type};

/// Reads `lints` of the root file, before anything else is judged.
pub(crate) fn lints(root: &Node, findings: &mut Findings) {
    let Some(node) = peek(root, "lints") else { return };
    let Kind::Map(entries) = &node.kind else {
        wrong_type(
            node,
            "`lints` is a mapping from codes to levels",
            "write one code a line, as `unreachable-state: deny`",
            findings,
        );
        return;
    };
    duplicate_keys(entries, "`lints`", findings);
    for entry in entries {
        if let (Some(code), Some(level)) = (code(entry, findings), level(entry, findings)) {
            findings.set_level(code, level);
        }
    }
}

/// Errors are errors; only the other rules have a level.
fn code(entry: &Entry, findings: &mut Findings) -> Option<Code> {
    let text = entry.key.text();
    if let Some(code) = with_level().find(|code| code.as_str() == text) {
        return Some(code);
    }
    let message = format!("`{}` is no rule that has a level", shorten(&text));
    let finding = findings.report(Code::UnknownLint, entry.key.span, message);
    match did_you_mean(&text) {
        Ok(meant) => finding.help(format!("did you mean `{meant}`?")).fix(entry.key.span, meant),
        Err(known) => finding.help(known),
    };
    None
}

fn level(entry: &Entry, findings: &mut Findings) -> Option<Level> {
    let level = match entry.value.value() {
        Some(Value::Text("allow")) => Level::Allow,
        Some(Value::Text("warn")) => Level::Warn,
        Some(Value::Text("deny")) => Level::Deny,
        _ => {
            let expected = "the level of a rule is `allow`, `warn` or `deny`";
            wrong_type(&entry.value, expected, "write one of the three", findings);
            return None;
        }
    };
    Some(level)
}
