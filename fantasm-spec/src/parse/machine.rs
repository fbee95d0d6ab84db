//! One machine.

use crate::ast::{Field, Machine};
use crate::attribute;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::logging::{LogLevel, Logging};
use crate::model::UnknownKeys;
use crate::scalar::Value;
use crate::source::Spanned;
use crate::yaml::{Kind, Node};

use super::attributes::{Attributes, Known, Owner};
use super::edition::Edition;
use super::items::Item;
use super::{countdown, state};

const MACHINE: Owner = Owner {
    noun: "a machine",
    attributes: Known::Of(attribute::Owner::Machine),
    unknown: Code::InvalidMachineAttribute,
};

const STATES: Item = Item { noun: "a state", name: "name", short: None };

pub(super) fn machine(node: &Node, edition: Edition, findings: &mut Findings) -> Option<Machine> {
    let n_errors = findings.n_errors();
    let mut machine = read(node, edition, findings)?;
    machine.is_sound = findings.n_errors() == n_errors;
    Some(machine)
}

fn read(node: &Node, edition: Edition, findings: &mut Findings) -> Option<Machine> {
    let attributes = Attributes::read(&MACHINE, node, edition, findings)?;
    let items = attributes.get("states").map(|states| (STATES.list(&attributes, states, findings), states));
    let is_list =
        items.as_ref().is_none_or(|(items, states)| !items.is_empty() || !matches!(states.kind, Kind::Scalar(_)));
    let items = items.map(|(items, _)| items).unwrap_or_default();
    let states: Vec<_> = items.iter().filter_map(|item| state::state(item, edition, findings)).collect();
    let countdown = attributes.get("countdown");
    Some(Machine {
        span: attributes.span,
        name: attributes.name("name", findings),
        description: attributes.text("description", findings),
        doc: attributes.text("doc", findings),
        schedule: attributes.schedule(findings),
        priority: attributes.priority(findings),
        renamed_from: attributes.earlier_names(findings),
        on_finish: attributes.name("on_finish", findings),
        history: attributes.truth("history", findings),
        namespace: attributes.namespace(findings),
        queue: attributes.text("queue", findings),
        target: attributes.text("target", findings),
        countdown: countdown.map_or(Field::Absent, |node| countdown::inherited(node, &states, findings)),
        written_countdown: countdown.cloned(),
        retry: attributes.retry(findings),
        logging: logging(&attributes, findings),
        log_level: log_level(&attributes, findings),
        use_run_once_semaphore: attributes.truth("use_run_once_semaphore", findings),
        context_types: attributes.context_types(findings),
        unknown_keys: unknown_keys(&attributes, findings),
        derive: attributes.derive(findings),
        starts_with: attributes.values("starts_with", findings),
        has_all_states: is_list && states.len() == items.len(),
        is_sound: true,
        states,
    })
}

fn logging(attributes: &Attributes<'_>, findings: &mut Findings) -> Field<Logging> {
    let Some(node) = attributes.get("logging") else { return Field::Absent };
    let logging = match node.value() {
        Some(Value::Text("default")) => Logging::Default,
        Some(Value::Text("persistent")) => Logging::Persistent,
        _ => {
            let message = format!("`logging` is `default` or `persistent`, this is {}", node.describe());
            findings
                .report(Code::InvalidLogging, node.span, message)
                .help("write `persistent` to keep log lines with the instance, or remove the attribute");
            return Field::Invalid;
        }
    };
    Field::Given(Spanned::new(logging, node.span))
}

/// The level from which lines are stored; without a store for them there is nothing to choose.
fn log_level(attributes: &Attributes<'_>, findings: &mut Findings) -> Field<LogLevel> {
    let Some(node) = attributes.get("log_level") else { return Field::Absent };
    let named = |text| LogLevel::ALL.into_iter().find(|level| level.as_str() == text);
    let Some(level) = (if let Some(Value::Text(text)) = node.value() { named(text) } else { None }) else {
        let levels = LogLevel::ALL.map(LogLevel::as_str).join(", ");
        let message = format!("`log_level` is one of {levels}, this is {}", node.describe());
        findings
            .report(Code::InvalidLogging, node.span, message)
            .help("write one of them, or remove the attribute: all are stored then");
        return Field::Invalid;
    };
    if attributes.get("logging").is_none() {
        findings
            .report(Code::AttributeWithoutEffect, node.span, "no lines are stored, so `log_level` is without effect")
            .help("add `logging: persistent`, which stores the lines of this level and above");
    }
    Field::Given(Spanned::new(level, node.span))
}

fn unknown_keys(attributes: &Attributes<'_>, findings: &mut Findings) -> Field<UnknownKeys> {
    let Some(node) = attributes.get("unknown_keys") else { return Field::Absent };
    let word = match node.value() {
        Some(Value::Text(word)) => UnknownKeys::from_word(word),
        _ => None,
    };
    let Some(unknown_keys) = word else {
        let message = format!("`unknown_keys` is `ignore`, `refuse` or `keep`, this is {}", node.describe());
        findings
            .report(Code::InvalidUnknownKeys, node.span, message)
            .help("write one of the three, or remove the attribute: without it they are ignored");
        return Field::Invalid;
    };
    Field::Given(Spanned::new(unknown_keys, node.span))
}
