//! A machine as a picture of its own: SVG, laid out here, which a browser, a document or a web console shows.
//!
//! Instances start at the dot and move downwards where they can. A final state has a double border, a continuation looks
//! like a stack of pages, a fan-in like a funnel that says how long it gathers. Events stand on their lines, with the action
//! of the transition, its countdown, and its queue where that is not the machine's.
//!
//! The same machine gives the same bytes. The picture follows the reader's light or dark scheme; a host page may set the
//! colours itself through the CSS variables `--fsm-canvas`, `--fsm-text`, `--fsm-note`, `--fsm-line`, `--fsm-state`,
//! `--fsm-state-line`, `--fsm-continuation`, `--fsm-continuation-line`, `--fsm-fan-in` and `--fsm-fan-in-line` of `.fsm`.
//!
//! What a program looks for in the picture stays the same from version to version:
//!
//! - each state is a `<g class="state …" data-state="NAME">`, with the further classes `initial`, `final`, `continuation` and
//!   `fan-in`, and an id made of [`Options::id`] and its name; the empty `<text class="count">` in it is for a live count;
//! - each transition is a `<g class="transition" data-from="STATE" data-event="EVENT" data-to="STATE">`.
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

use crate::model::Machine;

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
    let captions = Captions::new(machine, options);
    let layout = layout::lay_out(&graph(machine, &captions));
    paint::paint(machine, &captions, &layout, options)
}

/// All that is written in the picture, and the room that it takes.
struct Captions {
    /// For every state.
    states: Vec<Shape>,
    /// For every transition of every state, in file order.
    transitions: Vec<Vec<Line>>,
}

impl Captions {
    fn new(machine: &Machine, options: &Options) -> Self {
        let states = machine.states.iter().map(|state| Shape::new(state, caption::of_state(machine, state, options)));
        let transitions = machine.states.iter().flat_map(|state| &state.transitions);
        Self {
            states: states.collect(),
            transitions: transitions.map(|way| caption::of_transition(machine, way, options)).collect(),
        }
    }
}

/// Makes a node of each state and of the dot, an edge of each transition and of the way from the dot.
fn graph(machine: &Machine, captions: &Captions) -> Graph {
    let start = machine.states.len();
    let nodes = captions.states.iter().map(Shape::node).chain([shape::dot()]).collect();
    let ways = machine
        .states
        .iter()
        .enumerate()
        .flat_map(|(from, state)| state.transitions.iter().map(move |transition| (from, transition.to.index())));
    let mut edges: Vec<Edge> = ways
        .zip(&captions.transitions)
        .map(|((from, to), lines)| Edge { from, to, label: Some(shape::label_size(lines)) })
        .collect();
    edges.push(Edge { from: start, to: machine.initial.index(), label: None });
    Graph { nodes, edges, start }
}
