//! What Fantasm (Python) takes and generated Rust cannot.

use crate::ast::{ContextType, Countdown, FanIn, Field, Machine, Retry, State, Transition};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::integer::Integer;
use crate::source::Span;

pub(super) fn machine(machine: &Machine, findings: &mut Findings) {
    for field in &machine.context_types {
        if let Some(ty) = field.ty.given() {
            python_only_context_type(&ty.value, ty.span, findings);
        }
    }
    retry(&machine.retry, findings);
}

pub(super) fn state(state: &State, findings: &mut Findings) {
    if let Some(fan_in) = state.fan_in.given()
        && let FanIn::After { seconds, .. } = fan_in.value
    {
        number_without_meaning(seconds, fan_in.span, "`fan_in`", findings);
    }
    number(&state.continuation_countdown, "`continuation_countdown`", findings);
}

pub(super) fn transition(transition: &Transition, findings: &mut Findings) {
    retry(&transition.retry, findings);
    countdown(&transition.countdown, findings);
}

/// Pickles and datastore keys are Python objects; nothing outside of Python can read them.
fn python_only_context_type(ty: &ContextType, span: Span, findings: &mut Findings) {
    let (name, instead) = match ty {
        ContextType::Pickle => ("pickle", "`json`, or the path of a Rust type that serde can write and read"),
        ContextType::DatastoreKey => ("a datastore key", "`str` with the text of the key"),
        ContextType::List(item) | ContextType::Optional(item) => return python_only_context_type(item, span, findings),
        _ => return,
    };
    findings
        .report(Code::PythonOnlyContextType, span, format!("{name} is a type that only Python has"))
        .help(format!("declare it as {instead}"));
}

fn retry(retry: &Retry, findings: &mut Findings) {
    number(&retry.task_retry_limit, "`task_retry_limit`", findings);
    number(&retry.max_retries, "`max_retries`", findings);
    number(&retry.min_backoff_seconds, "`min_backoff_seconds`", findings);
    number(&retry.max_backoff_seconds, "`max_backoff_seconds`", findings);
    number(&retry.task_age_limit, "`task_age_limit`", findings);
    number(&retry.max_doublings, "`max_doublings`", findings);
}

/// A countdown, a transition's own or the one that transitions inherit.
pub(super) fn countdown(countdown: &Field<Countdown>, findings: &mut Findings) {
    let Some(countdown) = countdown.given() else { return };
    let longest = match countdown.value {
        Countdown::Fixed(seconds) => seconds,
        Countdown::Between { maximum, .. } => maximum,
    };
    number_without_meaning(longest, countdown.span, "`countdown`", findings);
}

fn number(field: &Field<Integer>, what: &str, findings: &mut Findings) {
    if let Some(number) = field.given() {
        number_without_meaning(number.value, number.span, what, findings);
    }
}

/// Nothing waits for minus five seconds, and nothing is tried minus three times.
fn number_without_meaning(number: Integer, span: Span, what: &str, findings: &mut Findings) {
    if number.is_exact() {
        return;
    }
    let problem = if number.get() < 0 { "is negative" } else { "does not fit in 32 bits" };
    findings
        .report(Code::NumberWithoutMeaning, span, format!("{what} {problem}: {number}"))
        .help(format!("write a number from 0 to {}", u32::MAX));
}
