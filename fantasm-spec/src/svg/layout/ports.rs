//! Gives every line its own place on the upper or lower border of its states, in the order in which the lines go on.

use super::Graph;
use super::cells::Cells;
use super::spread::spread;

/// The room between two lines at a border, where there is enough.
const GAP: f64 = 18.0;

/// How far lines keep from the corners.
const CORNER: f64 = 14.0;

/// Where each arc meets its nodes.
#[derive(Debug)]
pub(super) struct Ports {
    /// For each arc, the x at the lower border of its upper node.
    pub(super) upper: Vec<f64>,
    /// For each arc, the x at the upper border of its lower node.
    pub(super) lower: Vec<f64>,
}

impl Ports {
    /// Returns the x at which an arc passes each cell of its chain.
    pub(super) fn path(&self, arc: usize, chain: &[usize], xs: &[f64]) -> Vec<f64> {
        let mut path: Vec<f64> = chain.iter().map(|cell| xs[*cell]).collect();
        if let [first, .., last] = path.as_mut_slice() {
            (*first, *last) = (self.upper[arc], self.lower[arc]);
        }
        path
    }
}

/// Places the ends of all arcs.
pub(super) fn assign(graph: &Graph, cells: &Cells, xs: &[f64]) -> Ports {
    let n_arcs = cells.chains.len();
    let mut ports = Ports { upper: vec![0.0; n_arcs], lower: vec![0.0; n_arcs] };
    let (mut leaving, mut entering) = (vec![Vec::new(); graph.nodes.len()], vec![Vec::new(); graph.nodes.len()]);
    for (arc, chain) in cells.chains.iter().enumerate() {
        if let ([upper, below, ..], [.., above, lower]) = (chain.as_slice(), chain.as_slice()) {
            leaving[*upper].push((xs[*below], arc));
            entering[*lower].push((xs[*above], arc));
        }
    }
    for (node, shape) in graph.nodes.iter().enumerate() {
        let half = shape.size.width / 2.0;
        at_border(&mut leaving[node], xs[node], half - shape.foot, &mut ports.upper);
        at_border(&mut entering[node], xs[node], half, &mut ports.lower);
    }
    ports
}

/// Places the ends at one border; each wants to be where its line goes on.
fn at_border(ends: &mut [(f64, usize)], centre: f64, half: f64, ports: &mut [f64]) {
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = (half - CORNER).max(0.0);
    let wishes: Vec<f64> = ends.iter().map(|(x, _)| x.clamp(centre - half, centre + half)).collect();
    for (x, (_, arc)) in spread(&wishes, GAP, centre - half, centre + half).into_iter().zip(ends.iter()) {
        ports[*arc] = x;
    }
}
