//! The Rust identifiers that names become.

use std::collections::BTreeMap;

use crate::ast::{Machine, State};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::model::UnknownKeys;
use crate::name::{
    RESERVED_STATE_IDENTS, UNKNOWN_KEYS_IDENT, cannot_be_raw, event_ident, is_identifier, snake, upper_camel,
};
use crate::scalar::shorten;
use crate::source::{Span, Spanned};

use super::name::is_name;

/// What a name becomes where it stands among others.
type Convert = fn(&str) -> String;

pub(super) fn machines(machines: &[Machine], findings: &mut Findings) {
    let mut names: Vec<_> = machines.iter().filter_map(|machine| machine.name.given()).collect();
    names.retain(|name| is_name(&name.value));
    // The type and the module of a machine stand side by side, and a digit has no other size: `404` gives `_404` twice.
    names.retain(|name| {
        let ident = snake(&name.value);
        let is_twice = ident == upper_camel(&name.value) && is_identifier(&ident);
        if is_twice {
            identifier_unavailable(name, "machine", "type and module", &ident, findings);
        }
        !is_twice
    });
    identifiers(names, "machine", &[("module", snake), ("type", upper_camel)], &[], findings);
}

pub(super) fn states(machine: &Machine, findings: &mut Findings) {
    let names = machine.states.iter().filter_map(|state| state.name.given()).filter(|name| is_name(&name.value));
    identifiers(names, "state", &[("type", upper_camel), ("module", snake)], &RESERVED_STATE_IDENTS, findings);
}

pub(super) fn events(state: &State, findings: &mut Findings) {
    let events = state.transitions.iter().filter_map(|transition| {
        transition.event.given().filter(|event| transition.constant.is_some() || is_name(&event.value))
    });
    identifiers(events, "event", &[("variant", event_ident)], &["Self"], findings);
}

pub(super) fn context_fields(machine: &Machine, findings: &mut Findings) {
    let names = machine.context_types.iter().map(|field| &field.name);
    let keeps = machine.unknown_keys.given().is_some_and(|choice| choice.value == UnknownKeys::Keep);
    let reserved: &[&str] = if keeps { &[UNKNOWN_KEYS_IDENT] } else { &[] };
    identifiers(names, "context field", &[("field", snake)], reserved, findings);
}

fn identifiers<'a>(
    names: impl IntoIterator<Item = &'a Spanned<String>>,
    owner: &str,
    kinds: &[(&str, Convert)],
    reserved: &[&str],
    findings: &mut Findings,
) {
    let mut seen: Vec<BTreeMap<String, (&str, Span)>> = vec![BTreeMap::new(); kinds.len()];
    for name in names {
        for ((kind, convert), seen) in kinds.iter().zip(&mut seen) {
            let ident = convert(&name.value);
            if !is_identifier(&ident) || cannot_be_raw(&ident) || reserved.contains(&ident.as_str()) {
                identifier_unavailable(name, owner, kind, &ident, findings);
                break;
            }
            match seen.get(&ident) {
                // The same name twice is the business of another rule.
                Some((other, _)) if *other == name.value => {}
                Some((other, first)) => {
                    identifier_collision(name, (other, *first), owner, kind, &ident, findings);
                    break;
                }
                None => {
                    seen.insert(ident, (&name.value, name.span));
                }
            }
        }
    }
}

/// A name of hyphens only has no identifier, and some identifiers are taken.
fn identifier_unavailable(name: &Spanned<String>, owner: &str, kind: &str, ident: &str, findings: &mut Findings) {
    let text = shorten(&name.value);
    let message = if is_identifier(ident) {
        format!("{owner} `{text}` would become the Rust {kind} `{ident}`, which is taken")
    } else {
        format!("{owner} `{text}` gives no name for a Rust {kind}")
    };
    let help = format!("give the {owner} another name, one that starts with a letter");
    findings.report(Code::IdentifierUnavailable, name.span, message).help(help);
}

/// Two names that differ only in hyphens or in the size of letters become one identifier.
fn identifier_collision(
    name: &Spanned<String>,
    (other, first): (&str, Span),
    owner: &str,
    kind: &str,
    ident: &str,
    findings: &mut Findings,
) {
    let message = format!(
        "{owner}s `{}` and `{}` would become the same Rust {kind} `{ident}`",
        shorten(other),
        shorten(&name.value)
    );
    findings
        .report(Code::IdentifierCollision, name.span, message)
        .related(first, "the other one")
        .help(format!("give one {owner} another name"));
}
