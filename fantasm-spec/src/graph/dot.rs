//! Graphviz's DOT.

use std::fmt::Write;

use super::{FAILURE, labels, notes};
use crate::model::{Machine, State};

/// Draws a machine as a graph in DOT, Graphviz's language.
#[must_use]
pub fn dot(machine: &Machine) -> String {
    let mut text = format!("digraph {} {{\n", quote(machine.name.as_str()));
    line(&mut text, format_args!("rankdir=LR"));
    line(&mut text, format_args!("node [shape=box, style=rounded, fontname=\"sans-serif\"]"));
    line(&mut text, format_args!("edge [fontname=\"sans-serif\"]"));
    // No state is called so: the name has a blank in it.
    line(&mut text, format_args!("\"the start\" [shape=point, width=0.15, label=\"\"]"));
    for state in &machine.states {
        line(&mut text, format_args!("{} [{}]", quote(state.name.as_str()), attributes(state)));
    }
    line(&mut text, format_args!("\"the start\" -> {}", quote(machine[machine.initial].name.as_str())));
    for state in &machine.states {
        for transition in &state.transitions {
            let (from, to) = (quote(state.name.as_str()), quote(machine[transition.to].name.as_str()));
            let label = quote(&labels(machine, transition).join("\n"));
            line(&mut text, format_args!("{from} -> {to} [label={label}]"));
        }
        if let Some(to) = state.on_failure {
            let (from, to) = (quote(state.name.as_str()), quote(machine[to].name.as_str()));
            line(&mut text, format_args!("{from} -> {to} [label=\"{FAILURE}\", style=dashed, color=\"#cf222e\"]"));
        }
    }
    text.push_str("}\n");
    text
}

/// A final state has a second border, a continuation a dashed one, a fan-in a thick one: shapes that say more, such as a funnel,
/// take many times the room of their text.
fn attributes(state: &State) -> String {
    let mut label = format!("<b>{}</b>", escape(state.name.as_str()));
    let notes: Vec<String> = notes(state).iter().map(|note| escape(note)).collect();
    if !notes.is_empty() {
        label.push_str(&format!("<br/><font point-size=\"11\">{}</font>", notes.join("<br/>")));
    }
    let mut attributes = format!("label=<{label}>");
    if state.is_final {
        attributes.push_str(", peripheries=2");
    }
    if state.is_continuation {
        attributes.push_str(", style=\"rounded,dashed\", color=\"#0969da\"");
    }
    if state.fan_in.is_some() {
        attributes.push_str(", style=solid, penwidth=3, color=\"#bf8700\"");
    }
    attributes
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A text takes all that is written into it.
    let _ = writeln!(text, "  {line}");
}

/// Writes what has a meaning in Graphviz's HTML as an entity.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.replace(|letter: char| letter.is_control(), " ")
}

fn quote(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", text.replace(|letter: char| letter.is_control(), " "))
}
