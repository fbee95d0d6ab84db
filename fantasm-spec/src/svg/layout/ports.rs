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

/// Places the ends of all arcs, each as near to where its line goes on as there is room.
pub(super) fn assign(graph: &Graph, cells: &Cells, xs: &[f64]) -> Ports {
    at_borders(graph, cells, xs, |ends, node, half| {
        let (low, high) = (xs[node] - half, xs[node] + half);
        let wishes: Vec<f64> = ends.iter().map(|x| x.clamp(low, high)).collect();
        spread(&wishes, GAP, low, high)
    })
}

/// Returns where the ends of all arcs would be if each border had its lines evenly around its middle, which is at 0.
///
/// The order of the lines is that of `places`.
pub(super) fn even(graph: &Graph, cells: &Cells, places: &[f64]) -> Ports {
    at_borders(graph, cells, places, |ends, _, half| spread(&vec![0.0; ends.len()], GAP, -half, half))
}

/// Places the ends at all borders; `place` gets where the lines of one border go on, from left to right, its node, and how
/// far from the middle of the node lines may end.
fn at_borders(graph: &Graph, cells: &Cells, xs: &[f64], place: impl Fn(&[f64], usize, f64) -> Vec<f64>) -> Ports {
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
        for (ends, half, ports) in
            [(&mut leaving[node], half - shape.foot, &mut ports.upper), (&mut entering[node], half, &mut ports.lower)]
        {
            ends.sort_by(|one, other| one.0.total_cmp(&other.0));
            let goals: Vec<f64> = ends.iter().map(|(x, _)| *x).collect();
            for (x, (_, arc)) in place(&goals, node, (half - CORNER).max(0.0)).into_iter().zip(ends.iter()) {
                ports[*arc] = x;
            }
        }
    }
    ports
}
