//! Names that something had before.

use std::collections::BTreeSet;

use crate::ast::{Field, Machine, State};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::shorten;
use crate::source::Spanned;

use super::name::is_name;

pub(super) fn machines(machines: &[Machine], findings: &mut Findings) {
    let names = machines.iter().map(|machine| (&machine.name, machine.renamed_from.as_slice())).collect::<Vec<_>>();
    invalid_renamed_from(&names, "machine", findings);
}

pub(super) fn states(machine: &Machine, findings: &mut Findings) {
    let names = machine.states.iter().map(|state| (&state.name, state.renamed_from.as_slice())).collect::<Vec<_>>();
    invalid_renamed_from(&names, "state", findings);
}

pub(super) fn events(state: &State, findings: &mut Findings) {
    let events = state.transitions.iter();
    let names = events.map(|transition| (&transition.event, transition.renamed_from.as_slice())).collect::<Vec<_>>();
    invalid_renamed_from(&names, "event", findings);
}

/// Instances are stored with names; an old name leads to one new one, and only when nothing has it any more.
fn invalid_renamed_from(names: &[(&Field<String>, &[Spanned<String>])], owner: &str, findings: &mut Findings) {
    let today: BTreeSet<&str> = names.iter().filter_map(|(name, _)| Some(name.given()?.value.as_str())).collect();
    let mut before = BTreeSet::new();
    let one = if owner == "event" { "an event".to_owned() } else { format!("a {owner}") };
    for old in names.iter().flat_map(|(_, earlier)| *earlier) {
        let text = shorten(&old.value);
        let problem = if !is_name(&old.value) {
            format!("`{text}` cannot have been the name of {one}")
        } else if today.contains(old.value.as_str()) {
            format!("there still is {one} called `{text}`")
        } else if !before.insert(&old.value) {
            format!("`{text}` stands twice as the earlier name of {one}")
        } else {
            continue;
        };
        let help = if owner == "event" && old.value.contains(['.', ':']) {
            "write the text that the constant had: it is what is stored".to_owned()
        } else {
            format!("write names that this {owner} alone had before, each once, or none")
        };
        findings.report(Code::InvalidRenamedFrom, old.span, problem).help(help);
    }
}
