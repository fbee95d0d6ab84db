//! A machine as a picture: the text of a graph that Mermaid or Graphviz draws.
//!
//! Both show the same: where instances start and may end, what each state does, which states are visited page by page and
//! which gather contexts, by which events an instance goes on, and where a failure leads.
//!
//! # Examples
//!
//! ```
//! let loaded = fantasm_spec::load_str(
//!     "fsm.yaml",
//!     "state_machines: [{name: One, states: [{name: s, initial: true, final: true}]}]",
//! )?;
//! assert!(fantasm_spec::graph::mermaid(&loaded.spec.machines[0]).starts_with("stateDiagram-v2\n"));
//! assert!(fantasm_spec::graph::dot(&loaded.spec.machines[0]).starts_with("digraph \"One\" {\n"));
//! # Ok::<(), fantasm_spec::Report>(())
//! ```

mod dot;
mod mermaid;

pub use dot::dot;
pub use mermaid::mermaid;

use crate::model::{Countdown, Machine, State, Transition};
use crate::path::RustPath;

/// What is written below the name of a state, a line each.
fn notes(state: &State) -> Vec<String> {
    let mut notes: Vec<String> = state.description.iter().cloned().collect();
    if state.is_continuation {
        notes.push("continuation".to_owned());
    }
    if let Some(fan_in) = &state.fan_in {
        let group = fan_in.group.as_ref().map(|group| format!(" by {group}")).unwrap_or_default();
        let window = match fan_in.max_contexts {
            _ if fan_in.gathers_all => "of all".to_owned(),
            Some(max) => format!("{} s or {max}", fan_in.period_seconds),
            None => format!("{} s", fan_in.period_seconds),
        };
        notes.push(format!("fan-in {window}{group}"));
    }
    let phases = [("entry", &state.entry), ("action", &state.action), ("exit", &state.exit)];
    notes.extend(phases.into_iter().filter_map(|(phase, path)| Some(format!("{phase} / {}", name(path.as_ref()?)))));
    notes.extend(state.timeout_seconds.map(|seconds| format!("within {seconds} s")));
    notes
}

/// What is written beside the way that a state takes when it has failed for good.
const FAILURE: &str = "on failure";

/// What is written beside a transition, a line each; the event comes first.
fn labels(machine: &Machine, transition: &Transition) -> Vec<String> {
    let mut labels = vec![transition.event.to_string()];
    labels.extend(transition.action.as_ref().map(|action| format!("/ {}", name(action))));
    match transition.countdown {
        Countdown::Fixed(seconds) if seconds.get() == 0 => {}
        Countdown::Fixed(seconds) => labels.push(format!("after {seconds} s")),
        Countdown::Between { minimum, maximum } => labels.push(format!("after {minimum} to {maximum} s")),
    }
    labels
        .extend(Some(&transition.queue).filter(|queue| **queue != machine.queue).map(|queue| format!("queue {queue}")));
    labels
}

/// The last segment of a path: the picture shows what is done, the file where it stands.
fn name(path: &RustPath) -> &str {
    path.segments.last().map_or(path.written.as_str(), String::as_str)
}
