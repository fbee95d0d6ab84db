//! What is written on states and events.

use super::Options;
use super::text::{Font, Line, duration, keep_end, keep_start};
use crate::model::{Countdown, FanIn, Machine, State, Transition};
use crate::name::StateName;
use crate::path::RustPath;

/// Returns the lines on a state; its name comes first.
pub(super) fn of_state(machine: &Machine, state: &State, options: &Options) -> Vec<Line> {
    let mut lines = vec![Line::new(Font::Name, state.name.as_str())];
    lines.extend(state.fan_in.as_ref().map(|fan_in| Line::new(Font::Note, keep_start(&window(fan_in)))));
    if options.has_actions {
        let phases = [("entry / ", &state.entry), ("", &state.action), ("exit / ", &state.exit)];
        for (phase, path) in phases {
            let path = path.as_ref().map(|path| format!("{phase}{}", keep_end(&short(machine, path))));
            lines.extend(path.map(|path| Line::new(Font::Code, path)));
        }
    }
    let timeout = state.timeout_seconds.map(|seconds| format!("within {}", duration(seconds.get())));
    lines.extend(timeout.map(|timeout| Line::new(Font::Note, timeout)));
    lines
}

/// Says when a fan-in goes on.
fn window(fan_in: &FanIn) -> String {
    let group = fan_in.group.as_ref().map(|group| format!(" by {group}")).unwrap_or_default();
    let period = duration(fan_in.period_seconds.get());
    match fan_in.max_contexts {
        _ if fan_in.gathers_all => format!("when all are in{group}"),
        Some(max) => format!("every {period} or {max}{group}"),
        None => format!("every {period}{group}"),
    }
}

/// Returns the line beside the way that a state takes when it has failed for good.
pub(super) fn of_failure() -> Vec<Line> {
    vec![Line::new(Font::Note, "on failure")]
}

/// Returns the lines beside a transition; its event comes first.
pub(super) fn of_transition(machine: &Machine, transition: &Transition, options: &Options) -> Vec<Line> {
    let mut lines = vec![Line::new(Font::Event, transition.event.as_str())];
    let action = transition.action.as_ref().filter(|_| options.has_actions);
    lines.extend(action.map(|action| Line::new(Font::Code, format!("/ {}", keep_end(&short(machine, action))))));
    lines.extend(wait(transition.countdown).map(|wait| Line::new(Font::Note, wait)));
    if transition.queue != machine.queue {
        lines.push(Line::new(Font::Note, keep_start(&format!("queue {}", transition.queue))));
    }
    lines
}

fn wait(countdown: Countdown) -> Option<String> {
    match countdown {
        Countdown::Fixed(seconds) if seconds.get() == 0 => None,
        Countdown::Fixed(seconds) => Some(format!("after {}", duration(seconds.get()))),
        Countdown::Between { minimum, maximum } => {
            Some(format!("after {}", range(&duration(minimum.get()), &duration(maximum.get()))))
        }
    }
}

/// Joins two durations; a unit that both have is said once.
fn range(least: &str, most: &str) -> String {
    match (least.split_once(' '), most.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} to {most}"),
        _ => format!("{least} to {most}"),
    }
}

/// Returns a path as it is known within the machine: without the module that the machine says its actions live in.
fn short(machine: &Machine, path: &RustPath) -> String {
    let namespace = machine.namespace.as_ref().filter(|namespace| namespace.is_absolute == path.is_absolute);
    let inside = namespace.and_then(|namespace| path.segments.strip_prefix(namespace.segments.as_slice()));
    match inside {
        Some(inside) if !inside.is_empty() => inside.join("::"),
        _ if path.segments.is_empty() => path.written.clone(),
        _ if path.is_absolute => format!("::{}", path.segments.join("::")),
        _ => path.segments.join("::"),
    }
}

/// Returns what appears when the pointer rests on a state.
pub(super) fn tooltip(state: &State) -> String {
    let mut lines = vec![state.name.to_string()];
    lines.extend([&state.description, &state.doc].into_iter().flatten().map(|text| text.trim().to_owned()));
    lines.extend(traits(state));
    let phases = [("entry", &state.entry), ("action", &state.action), ("exit", &state.exit)];
    lines.extend(phases.into_iter().filter_map(|(phase, path)| Some(format!("{phase}: {}", path.as_ref()?))));
    lines.join("\n")
}

/// Returns what appears when the pointer rests on a transition: long lines need not be followed.
pub(super) fn way_tooltip(from: &StateName, transition: &Transition, to: &StateName) -> String {
    let way = format!("{from}: {} → {to}", transition.event);
    [Some(way), transition.description.clone()].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn traits(state: &State) -> Option<String> {
    let traits: Vec<&str> = [
        (state.is_initial, "initial"),
        (state.is_final, "final"),
        (state.is_continuation, "continuation: one task per page"),
        (state.fan_in.is_some(), "fan-in: one task for all that arrives in its time"),
    ]
    .into_iter()
    .filter_map(|(has, name)| has.then_some(name))
    .collect();
    (!traits.is_empty()).then(|| traits.join(", "))
}

/// Says in words what the picture shows.
pub(super) fn description(machine: &Machine) -> String {
    let finals: Vec<&str> =
        machine.states.iter().filter(|state| state.is_final).map(|state| state.name.as_str()).collect();
    let mut sentences: Vec<String> = machine.description.iter().map(|text| text.trim().to_owned()).collect();
    let n_states = machine.states.len();
    sentences.push(format!("A state machine of {n_states} state{}.", if n_states == 1 { "" } else { "s" }));
    sentences.extend(machine.schedule.as_ref().map(|schedule| format!("It starts by itself: {schedule}.")));
    sentences.push(format!("It starts in {}.", machine[machine.initial].name));
    sentences
        .push(format!("It may end in {}.", if finals.is_empty() { "no state".to_owned() } else { finals.join(", ") }));
    for state in &machine.states {
        let ways = state.transitions.iter().map(|way| format!("{} leads to {}", way.event, machine[way.to].name));
        let failure = state.on_failure.map(|to| format!("failure leads to {}", machine[to].name));
        let ways: Vec<String> = ways.chain(failure).collect();
        if !ways.is_empty() {
            sentences.push(format!("From {}, {}.", state.name, ways.join(", ")));
        }
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn a_unit_of_two_durations_is_said_once() {
        assert_eq!(range("1 s", "10 s"), "1 to 10 s");
        assert_eq!(range("30 s", "1 min"), "30 s to 1 min");
    }
}
