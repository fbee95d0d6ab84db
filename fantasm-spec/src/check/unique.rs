//! Names that stand once.

use std::collections::BTreeMap;

use crate::ast::Machine;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::source::{Span, Spanned};

use super::Scope;

/// The machine that every load of Fantasm brings along.
const BUILT_IN: &str = "FantasmScrubber";

/// A machine is started by its name, from wherever it is defined.
pub(super) fn machine_name_not_unique(machines: &[Machine], findings: &mut Findings) {
    let names: Vec<&Spanned<String>> = machines.iter().filter_map(|machine| machine.name.given()).collect();
    for name in names.iter().filter(|name| name.value == BUILT_IN) {
        findings
            .report(Code::MachineNameNotUnique, name.span, format!("`{BUILT_IN}` is the name of a built-in machine"))
            .help("give your machine another name");
    }
    repeated(
        names,
        |name, first, findings| {
            findings
                .report(
                    Code::MachineNameNotUnique,
                    name.span,
                    format!("there are two machines called `{}`", name.value),
                )
                .related(first, "the first one")
                .help("give one of them another name");
        },
        findings,
    );
}

/// Transitions lead to states by their names.
pub(super) fn state_name_not_unique(machine: &Machine, findings: &mut Findings) {
    let names = machine.states.iter().filter_map(|state| state.name.given());
    repeated(
        names,
        |name, first, findings| {
            findings
                .report(Code::StateNameNotUnique, name.span, format!("there are two states called `{}`", name.value))
                .related(first, "the first one")
                .help("give one of them another name, or merge them");
        },
        findings,
    );
}

/// An event selects one transition; and `state--event` names one, also where a name has hyphens of its own.
pub(super) fn transition_name_not_unique(scope: &Scope<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<String, (&str, &str, Span)> = BTreeMap::new();
    // A second state of the same name has been reported; its transitions are the same mistake.
    for state in scope.machine.states.iter().filter(|state| scope.is_first(state)) {
        let Some(from) = state.name.given() else { continue };
        for event in state.transitions.iter().filter_map(|transition| transition.event.given()) {
            let name = format!("{}--{}", from.value, event.value);
            let this = (from.value.as_str(), event.value.as_str());
            let Some((state, other, span)) = seen.get(&name) else {
                seen.insert(name, (this.0, this.1, event.span));
                continue;
            };
            let message = if (*state, *other) == this {
                format!("state `{}` has two transitions for the event `{}`", this.0, this.1)
            } else {
                format!("two transitions are called `{name}`: `{other}` of `{state}` and `{}` of `{}`", this.1, this.0)
            };
            findings
                .report(Code::TransitionNameNotUnique, event.span, message)
                .related(*span, "the first one")
                .help("give one of them another event");
        }
    }
}

fn repeated<'a>(
    names: impl IntoIterator<Item = &'a Spanned<String>>,
    report: impl Fn(&Spanned<String>, Span, &mut Findings),
    findings: &mut Findings,
) {
    let mut seen = BTreeMap::new();
    for name in names {
        match seen.get(&name.value) {
            Some(first) => report(name, *first, findings),
            None => {
                seen.insert(&name.value, name.span);
            }
        }
    }
}
