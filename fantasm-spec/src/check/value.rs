//! Values of the context that are named by `sets`, `reads` and `starts_with`.

use std::collections::BTreeMap;

use crate::ast::{Machine, State};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::shorten;
use crate::similar::similar;
use crate::source::Spanned;

pub(super) fn machine(machine: &Machine, findings: &mut Findings) {
    invalid_sets(machine, "starts_with", &machine.starts_with, findings);
    for state in &machine.states {
        invalid_sets(machine, "sets", &state.sets, findings);
        invalid_sets(machine, "reads", &state.reads, findings);
        nobody_sets(state, findings);
    }
}

/// Only declared values have types, and a misspelt one would never be set. Twice says no more than once.
fn invalid_sets(machine: &Machine, attribute: &str, names: &[Spanned<String>], findings: &mut Findings) {
    let known = || machine.context_types.iter().map(|field| field.name.value.as_str());
    for name in names.iter().filter(|name| !known().any(|known| known == name.value)) {
        let message = format!("`{attribute}` names `{}`, which is no value of `context_types`", shorten(&name.value));
        let finding = findings.report(Code::InvalidSets, name.span, message);
        match similar(&name.value, known()) {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(name.span, meant),
            None => finding.help("add it to `context_types` with its type, or remove it here"),
        };
    }
    let mut seen = BTreeMap::new();
    for name in names {
        if let Some(first) = seen.insert(&name.value, name.span) {
            findings
                .report(Code::InvalidSets, name.span, format!("`{attribute}` names `{}` twice", shorten(&name.value)))
                .related(first, "named here before")
                .help("keep one of the two");
        }
    }
}

/// What a state sets, its entry or its action sets.
fn nobody_sets(state: &State, findings: &mut Findings) {
    if let Some(name) = state.sets.first().filter(|_| state.action.is_absent() && state.entry.is_absent()) {
        findings
            .report(Code::InvalidSets, name.span, "the state has neither an action nor an entry that could set a value")
            .help("remove `sets`, or move it to the state that sets the value");
    }
}
