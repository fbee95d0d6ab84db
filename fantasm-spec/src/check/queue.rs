//! Queues that are listed, and queues that are named.

use std::collections::BTreeMap;

use crate::ast::{Machine, Queue};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::shorten;
use crate::similar::similar;

/// Every machine may use it without saying so, so it need not be listed.
const DEFAULT: &str = "default";

/// A queue has one set of limits.
pub(crate) fn repeated(queues: &[Queue], findings: &mut Findings) {
    let mut seen = BTreeMap::new();
    for name in queues.iter().filter_map(|queue| queue.name.given()) {
        match seen.get(&name.value) {
            None => {
                seen.insert(&name.value, name.span);
            }
            Some(first) => {
                findings
                    .report(Code::InvalidQueue, name.span, format!("there are two queues called `{}`", name.value))
                    .related(*first, "the first one")
                    .help("keep one of them");
            }
        }
    }
}

/// A misspelt queue is a queue of its own, without limits and perhaps without workers.
pub(super) fn unknown_queue(queues: &[Queue], machine: &Machine, findings: &mut Findings) {
    let names = || queues.iter().filter_map(|queue| Some(queue.name.given()?.value.as_str())).chain([DEFAULT]);
    let transitions = machine.states.iter().flat_map(|state| &state.transitions);
    let used = std::iter::once(&machine.queue).chain(transitions.map(|transition| &transition.queue));
    for queue in used.filter_map(|queue| queue.given()).filter(|queue| !names().any(|name| name == queue.value)) {
        let message = format!("no queue called `{}` is listed", shorten(&queue.value));
        let finding = findings.report(Code::UnknownQueue, queue.span, message);
        match similar(&queue.value, names()) {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(queue.span, meant),
            None => finding.help("add it to `queues`"),
        };
    }
}
