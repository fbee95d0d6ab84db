//! Mermaid's state diagrams, which GitHub, GitLab and many editors draw.

use std::fmt::Write;

use super::{FAILURE, labels, notes};
use crate::model::{Machine, State};

/// Draws a machine as a Mermaid state diagram (`stateDiagram-v2`).
#[must_use]
pub fn mermaid(machine: &Machine) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    // Names may hold what Mermaid takes for words of its own, so states are numbered and named in quotes.
    for (id, state) in machine.states_with_ids() {
        line(&mut text, format_args!("state \"{}\" as s{}", state.name, id.index()));
        for note in notes(state) {
            line(&mut text, format_args!("s{} : {}", id.index(), escape(&note)));
        }
    }
    line(&mut text, format_args!("[*] --> s{}", machine.initial.index()));
    for (id, state) in machine.states_with_ids() {
        for transition in &state.transitions {
            let label = labels(machine, transition).iter().map(|label| escape(label)).collect::<Vec<_>>().join(" ");
            line(&mut text, format_args!("s{} --> s{} : {label}", id.index(), transition.to.index()));
        }
        if let Some(to) = state.on_failure {
            line(&mut text, format_args!("s{} --> s{} : {FAILURE}", id.index(), to.index()));
        }
        if state.is_final {
            line(&mut text, format_args!("s{} --> [*]", id.index()));
        }
    }
    classes(machine, &mut text);
    text
}

/// Colours that can be told apart in light and in dark.
fn classes(machine: &Machine, text: &mut String) {
    class(machine, text, "continuation", "stroke:#0969da,stroke-width:2px,stroke-dasharray:6 3", |state| {
        state.is_continuation
    });
    class(machine, text, "fanIn", "stroke:#bf8700,stroke-width:3px", |state| state.fan_in.is_some());
}

fn class(machine: &Machine, text: &mut String, name: &str, style: &str, belongs: impl Fn(&State) -> bool) {
    let members = machine.states_with_ids().filter(|(_, state)| belongs(state));
    let members: Vec<String> = members.map(|(id, _)| format!("s{}", id.index())).collect();
    if !members.is_empty() {
        line(text, format_args!("classDef {name} {style}"));
        line(text, format_args!("class {} {name}", members.join(",")));
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A text takes all that is written into it.
    let _ = writeln!(text, "    {line}");
}

/// Writes what has a meaning for Mermaid as an entity.
fn escape(label: &str) -> String {
    let mut escaped = String::with_capacity(label.len());
    for letter in label.chars() {
        match letter {
            '#' | ';' | '"' | '<' | '>' | '{' | '}' | ':' | '%' => {
                let _ = write!(escaped, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
