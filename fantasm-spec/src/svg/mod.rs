//! A machine as a picture of its own: SVG, laid out here, which a browser, a document or a web console shows.
//!
//! Instances start at the dot and move downwards where they can. A final state has a double border, a continuation looks
//! like a stack of pages, a fan-in like a funnel that says how long it gathers. Events stand on their lines, with the action
//! of the transition, its countdown, and its queue where that is not the machine's. The way that a state takes when it has
//! failed for good is dashed.
//!
//! The same machine gives the same bytes. The picture follows the reader's light or dark scheme; a host page may set the
//! colours itself through the CSS variables `--fsm-canvas`, `--fsm-text`, `--fsm-note`, `--fsm-line`, `--fsm-state`,
//! `--fsm-state-line`, `--fsm-continuation`, `--fsm-continuation-line`, `--fsm-fan-in`, `--fsm-fan-in-line` and
//! `--fsm-failure` of `.fsm`.
//!
//! What a program looks for in the picture stays the same from version to version:
//!
//! - each state is a `<g class="state …" data-state="NAME">`, with the further classes `initial`, `final`, `continuation` and
//!   `fan-in`, and an id made of [`Options::id`] and its name; the empty `<text class="count">` in it is for a live count;
//! - each transition is a `<g class="transition" data-from="STATE" data-event="EVENT" data-to="STATE">`;
//! - each way out of a failure is a `<g class="failure" data-from="STATE" data-to="STATE">`.
//!
//! # Examples
//!
//! ```
//! let loaded = fantasm_spec::load_str(
//!     "fsm.yaml",
//!     "state_machines: [{name: One, states: [{name: s, initial: true, final: true}]}]",
//! )?;
//! let picture = fantasm_spec::svg::draw(&loaded.spec.machines[0]);
//! assert!(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
//! assert!(picture.contains("data-state=\"s\""));
//! # Ok::<(), fantasm_spec::Report>(())
//! ```

mod caption;
mod geometry;
mod layout;
mod paint;
mod shape;
mod text;
mod xml;

use layout::{Edge, Graph};
use shape::Shape;
use text::Line;

use crate::model::{Machine, StateId, Transition};

/// How a machine is drawn.
///
/// # Examples
///
/// ```
/// let mut options = fantasm_spec::svg::Options::default();
/// options.has_actions = false;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// What every id in the picture starts with; without it, `fsm_` and the name of the machine.
    pub id: Option<String>,
    /// Whether actions are shown.
    pub has_actions: bool,
    /// Whether there is a background; without it the picture lies on what the host page has there, and `--fsm-canvas`
    /// must be the colour of that.
    pub has_canvas: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { id: None, has_actions: true, has_canvas: true }
    }
}

/// Draws a machine.
#[must_use]
pub fn draw(machine: &Machine) -> String {
    draw_with(machine, &Options::default())
}

/// Draws a machine in the way that the options say.
#[must_use]
pub fn draw_with(machine: &Machine, options: &Options) -> String {
    let scene = Scene::new(machine, options);
    let layout = layout::lay_out(&scene.graph(machine));
    paint::paint(machine, &scene, &layout, options)
}

/// What lines lead to and what is written on them, with the room that it takes.
struct Scene<'a> {
    /// For every state.
    states: Vec<Shape>,
    /// The transitions of all states, in file order, then the ways out of failures.
    ways: Vec<Way<'a>>,
}

/// A line from a state to a state.
struct Way<'a> {
    from: StateId,
    to: StateId,
    /// The transition; without one it is the way that the state takes when it has failed for good.
    transition: Option<&'a Transition>,
    lines: Vec<Line>,
}

impl<'a> Scene<'a> {
    fn new(machine: &'a Machine, options: &Options) -> Self {
        let states = machine.states.iter().map(|state| Shape::new(state, caption::of_state(machine, state, options)));
        let transitions = machine.states_with_ids().flat_map(|(from, state)| {
            state.transitions.iter().map(move |way| Way {
                from,
                to: way.to,
                transition: Some(way),
                lines: caption::of_transition(machine, way, options),
            })
        });
        let failures = machine.states_with_ids().filter_map(|(from, state)| {
            Some(Way { from, to: state.on_failure?, transition: None, lines: caption::of_failure() })
        });
        Self { states: states.collect(), ways: transitions.chain(failures).collect() }
    }

    /// Makes a node of each state and of the dot, an edge of each way and, as the last, of the way from the dot.
    fn graph(&self, machine: &Machine) -> Graph {
        let start = self.states.len();
        let nodes = self.states.iter().map(Shape::node).chain([shape::dot()]).collect();
        let ways = self.ways.iter().map(|way| Edge {
            from: way.from.index(),
            to: way.to.index(),
            label: Some(shape::label_size(&way.lines)),
        });
        let entry = Edge { from: start, to: machine.initial.index(), label: None };
        Graph { nodes, edges: ways.chain([entry]).collect(), start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{EventName, MachineName, StateName};

    #[test]
    fn names_stay_text_whatever_they_are() {
        let text = "state_machines: [{name: M, states: [
            {name: a, initial: true, action: act, transitions: [{event: e, to: b}]}, {name: b, final: true}]}]";
        let mut machine = crate::load_str("fsm.yaml", text).unwrap().spec.machines.remove(0);
        let hostile = "\"/></svg><script>\u{0}\n&";
        machine.name = MachineName::new(hostile);
        machine.states[0].name = StateName::new(hostile);
        machine.states[0].transitions[0].event = EventName::new(hostile);
        let picture = draw(&machine);
        assert!(!picture.contains("<script") && !picture.contains('\0'), "{picture}");
        assert_eq!(picture.matches("</svg>").count(), 1, "{picture}");
        let name = "&quot;/&gt;&lt;/svg&gt;&lt;script&gt;\u{fffd}&#10;&amp;";
        assert!(picture.contains(&format!("data-from=\"{name}\" data-event=\"{name}\" data-to=\"b\"")), "{picture}");
    }
}
