//! What is started when an instance has ended.

use std::collections::BTreeSet;

use crate::ast::{ContextType, Machine};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::record::{RECORD, is_always_told};
use crate::scalar::shorten;
use crate::similar::similar;
use crate::source::Spanned;

pub(super) fn all(machines: &[Machine], findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for (at, machine) in machines.iter().enumerate() {
        let Some(name) = machine.on_finish.given() else { continue };
        let Some(next) = invalid_on_finish(machines, at, name, findings) else { continue };
        if told.insert(&name.value) {
            invalid_record_type(next, name, findings);
            unset_value(next, name, findings);
        }
    }
}

/// The end of an instance starts another machine of the file, in a state that one context is enough for.
fn invalid_on_finish<'a>(
    machines: &'a [Machine],
    at: usize,
    name: &Spanned<String>,
    findings: &mut Findings,
) -> Option<&'a Machine> {
    let Some(next) = named(machines, &name.value).map(|next| &machines[next]) else {
        // A machine whose name could not be read, which has been told, may be the one.
        if machines.iter().any(|machine| machine.name.given().is_none()) {
            return None;
        }
        let message = format!("there is no machine `{}` to start", shorten(&name.value));
        let finding = findings.report(Code::InvalidOnFinish, name.span, message);
        match similar(&name.value, machines.iter().filter_map(|machine| Some(machine.name.given()?.value.as_str()))) {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(name.span, meant),
            None => finding.help("name a machine of this file or of one that it is imported with"),
        };
        return None;
    };
    if is_first_of_a_round(machines, at) {
        findings
            .report(
                Code::InvalidOnFinish,
                name.span,
                "each end starts an instance whose end leads back here, so there is no last one",
            )
            .help("take `on_finish` from one of the machines; an action may start the next instance after a wait");
        return None;
    }
    let initial = next.states.iter().find(|state| state.initial.is_true());
    if let Some(fan_in) = initial.and_then(|state| state.fan_in.given()) {
        findings
            .report(
                Code::InvalidOnFinish,
                name.span,
                format!("machine `{}` starts in a fan-in, and the end of an instance is one context", name.value),
            )
            .related(fan_in.span, "the fan-in")
            .help("give that machine another initial state");
    }
    Some(next)
}

/// The values that are filled from what is told of the ended instance are of types that can take it.
fn invalid_record_type(next: &Machine, name: &Spanned<String>, findings: &mut Findings) {
    for field in &next.context_types {
        let Some((key, expected)) = RECORD.into_iter().find(|(key, _)| *key == field.name.value) else { continue };
        let Some(ty) = field.ty.given().filter(|ty| !takes(key, &ty.value)) else { continue };
        findings
            .report(
                Code::InvalidRecordType,
                ty.span,
                format!("`{key}` is filled from the ended instance, and is of type {expected} there"),
            )
            .related(name.span, "the end of an instance starts this machine")
            .help(format!(
                "write `{key}: {}`, or give the value another name",
                expected.split(',').next().unwrap_or(expected)
            ));
    }
}

/// What every start gives, the end of an instance gives too.
fn unset_value(next: &Machine, name: &Spanned<String>, findings: &mut Findings) {
    for value in next.starts_with.iter().filter(|value| !is_always_told(&value.value)) {
        let message = format!(
            "the end of an instance starts machine `{}`, and does not give `{}`",
            name.value,
            shorten(&value.value)
        );
        findings
            .report(Code::UnsetValue, value.span, message)
            .related(name.span, "the machine is started here")
            .help("give the value a default in the place of `starts_with`, or start the machine from an action");
    }
}

fn takes(key: &str, ty: &ContextType) -> bool {
    match ty {
        ContextType::Json => true,
        ContextType::Int => key == "instance",
        ContextType::Str => matches!(key, "machine" | "key" | "status" | "reason"),
        ContextType::Path(_) => key == "context",
        ContextType::Optional(ty) => takes(key, ty),
        _ => false,
    }
}

/// Whether the ends of instances lead from a machine back to it; told at the first machine of the round.
fn is_first_of_a_round(machines: &[Machine], first: usize) -> bool {
    let mut seen = vec![first];
    while let Some(next) = seen.last().and_then(|at| named(machines, &machines[*at].on_finish.given()?.value)) {
        if seen.contains(&next) {
            return next == first && seen.iter().all(|at| first <= *at);
        }
        seen.push(next);
    }
    false
}

fn named(machines: &[Machine], name: &str) -> Option<usize> {
    machines.iter().position(|machine| machine.name.given().is_some_and(|own| own.value == name))
}
