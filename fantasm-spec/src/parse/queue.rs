//! Queues and their limits, in the words of App Engine's queue.yaml.

use crate::ast::{Field, Queue};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::integer::Integer;
use crate::model::Rate;
use crate::scalar::{Value, shorten};
use crate::source::Spanned;
use crate::yaml::Node;

use super::attributes::{Attributes, Known, Owner};
use super::edition::Edition;
use super::integer::integer;

const QUEUE: Owner = Owner {
    noun: "a queue",
    attributes: Known::Listed(&[
        "name",
        "rate",
        "bucket_size",
        "max_concurrent_requests",
        "retry_parameters",
        "target",
        "mode",
    ]),
    unknown: Code::InvalidQueue,
};

const RETRY: Owner = Owner {
    noun: "`retry_parameters`",
    attributes: Known::Listed(&[
        "task_retry_limit",
        "task_age_limit",
        "min_backoff_seconds",
        "max_backoff_seconds",
        "max_doublings",
    ]),
    unknown: Code::InvalidQueue,
};

/// Reads one queue.
pub(super) fn queue(node: &Node, findings: &mut Findings) -> Option<Queue> {
    let attributes = Attributes::read(&QUEUE, node, Edition::Second, findings)?;
    let name = attributes.name("name", findings);
    if name.is_absent() {
        let message = "a queue has no name";
        findings.report(Code::InvalidQueue, attributes.span, message).label("in this queue").help("add `name: …`");
    }
    let retry =
        attributes.get("retry_parameters").and_then(|node| Attributes::read(&RETRY, node, Edition::Second, findings));
    mode(&attributes, findings);
    Some(Queue {
        name,
        rate: rate(&attributes, findings),
        bucket_size: positive(&attributes, "bucket_size", findings),
        max_concurrent_requests: positive(&attributes, "max_concurrent_requests", findings),
        retry: retry.map(|retry| retry.retry(findings)).unwrap_or_default(),
        target: attributes.text("target", findings),
    })
}

/// App Engine has queues that workers outside of it pull from; here every queue is pushed.
fn mode(attributes: &Attributes<'_>, findings: &mut Findings) {
    let Some(node) = attributes.get("mode") else { return };
    if node.value() != Some(Value::Text("push")) {
        findings
            .report(
                Code::InvalidQueue,
                node.span,
                format!("the mode of a queue is `push`, this is {}", node.describe()),
            )
            .help("remove the attribute: workers run the tasks of every queue");
    }
}

/// `50/s`: so many tasks in a second, minute, hour or day.
fn rate(attributes: &Attributes<'_>, findings: &mut Findings) -> Field<Rate> {
    let Some(node) = attributes.get("rate") else { return Field::Absent };
    let rate = match node.value() {
        Some(Value::Text(text)) => parse_rate(text),
        Some(Value::Integer(Some(0))) => Some(Rate { n_tasks: 0.0, seconds: 1 }),
        _ => None,
    };
    match rate {
        Some(rate) => Field::Given(Spanned::new(rate, node.span)),
        None => {
            findings
                .report(
                    Code::InvalidQueue,
                    node.span,
                    format!("the rate of a queue is like `50/s`, this is `{}`", shorten(&node.text())),
                )
                .help("write a number of tasks, a slash, and s, m, h or d");
            Field::Invalid
        }
    }
}

fn parse_rate(text: &str) -> Option<Rate> {
    let (number, unit) = text.split_once('/')?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let is_number = number.trim().bytes().all(|digit| digit.is_ascii_digit() || digit == b'.');
    let n_tasks = number.trim().parse::<f64>().ok().filter(|n_tasks| is_number && n_tasks.is_finite())?;
    Some(Rate { n_tasks, seconds })
}

/// A number from 1 up.
pub(super) fn positive(attributes: &Attributes<'_>, name: &str, findings: &mut Findings) -> Field<Integer> {
    let code = if name == "timeout_seconds" { Code::InvalidTimeoutSeconds } else { Code::InvalidQueue };
    let Some(node) = attributes.get(name) else { return Field::Absent };
    match integer(node, &format!("`{name}`"), code, findings) {
        Field::Given(number) if number.value.get() < 1 || !number.value.is_exact() => {
            findings
                .report(code, number.span, format!("`{name}` is {}", number.value))
                .help(format!("write a number from 1 to {}", u32::MAX));
            Field::Invalid
        }
        other => other,
    }
}
