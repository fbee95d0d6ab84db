//! Lines from a state to itself: small loops at its right side, one below the other, their labels beside them.

use super::{Graph, Node, Route, TIP};
use crate::svg::geometry::{Heading, Leg, Point, Reach, Size};

/// How far a loop swings out; the label starts a little inside, since the swing is rounded.
const SWING: f64 = 30.0;

/// Where the label starts, from the side of the state.
const LABEL: f64 = 26.0;

/// The room between two loops.
const GAP: f64 = 6.0;

/// The least height of a loop.
const HEIGHT: f64 = 18.0;

/// Returns how far each node reaches together with its loops.
pub(super) fn reaches(graph: &Graph) -> Vec<Reach> {
    let mut reaches: Vec<Reach> = graph.nodes.iter().map(|node| node.size.into()).collect();
    for (node, edges) in by_node(graph).into_iter().enumerate() {
        let labels: Vec<Size> = edges.iter().filter_map(|edge| graph.edges[*edge].label).collect();
        if labels.is_empty() {
            continue;
        }
        let width = labels.iter().map(|label| label.width).fold(0.0, f64::max);
        let reach = &mut reaches[node];
        let middle = middle(&graph.nodes[node]);
        let half = total_height(&labels) / 2.0;
        reach.right += LABEL + width;
        reach.up = reach.up.max(half - middle);
        reach.down = reach.down.max(half + middle);
    }
    reaches
}

/// Draws the loops of all nodes; the numbers are those of their edges.
pub(super) fn routes(graph: &Graph, centres: &[Point]) -> Vec<(usize, Route)> {
    let mut routes = Vec::new();
    for (node, edges) in by_node(graph).into_iter().enumerate() {
        let labels: Vec<Size> = edges.iter().filter_map(|edge| graph.edges[*edge].label).collect();
        let shape = &graph.nodes[node];
        let centre = centres[node];
        let mut y = centre.y + middle(shape) - total_height(&labels) / 2.0;
        // Two places on the side for each loop, evenly spread, but a lone loop stays small.
        let step = (shape.side / (2.0 * edges.len() as f64 + 1.0)).min(HEIGHT);
        let first = centre.y + middle(shape) - step * (edges.len() as f64 - 0.5);
        for (at, (edge, label)) in edges.into_iter().zip(labels).enumerate() {
            let height = label.height.max(HEIGHT);
            let ends = (first + step * 2.0 * at as f64, first + step * (2.0 * at as f64 + 1.0));
            let side = centre.x + shape.size.width / 2.0;
            let label = Point::new(side + LABEL + label.width / 2.0, y + height / 2.0);
            routes.push((edge, route(shape, centre, ends, label)));
            y += height + GAP;
        }
    }
    routes
}

fn route(shape: &Node, centre: Point, (out, back): (f64, f64), label: Point) -> Route {
    let start = Point::new(side(shape, centre, out), out);
    let tip = Point::new(side(shape, centre, back), back);
    let end = Point::new(tip.x + TIP, back);
    let swing = start.x.max(tip.x) + SWING;
    // The curve leans towards its label when there are several.
    let lean = (label.y - f64::midpoint(out, back)) * 0.5;
    let curve = Leg::Curve(Point::new(swing, out + lean - 4.0), Point::new(swing, back + lean + 2.0), end);
    Route { start, legs: vec![curve], tip, heading: Heading::Left, label: Some(label) }
}

/// Returns the x of the right side of a node at a height.
fn side(shape: &Node, centre: Point, y: f64) -> f64 {
    let depth = (y - (centre.y - shape.size.height / 2.0)) / shape.side;
    centre.x + shape.size.width / 2.0 - shape.lean * depth.clamp(0.0, 1.0)
}

/// Returns how far the middle of the sides is below the centre of the node.
fn middle(shape: &Node) -> f64 {
    (shape.side - shape.size.height) / 2.0
}

fn total_height(labels: &[Size]) -> f64 {
    let heights: f64 = labels.iter().map(|label| label.height.max(HEIGHT) + GAP).sum();
    (heights - GAP).max(0.0)
}

/// Returns the edges from each node to itself.
fn by_node(graph: &Graph) -> Vec<Vec<usize>> {
    let mut edges = vec![Vec::new(); graph.nodes.len()];
    for (at, edge) in graph.edges.iter().enumerate().filter(|(_, edge)| edge.from == edge.to) {
        edges[edge.from].push(at);
    }
    edges
}
