//! Cuts the longest lines of machines that are too large to be drawn whole.

use std::borrow::Cow;

use super::{Graph, Node, cycles, rank};
use crate::svg::geometry::Size;

/// The side of the nothing that a cut line leads to.
const STUB: f64 = 4.0;

/// How many rows a cut line still takes: that of its label, and that of its end.
const STUB_SPAN: usize = 2;

/// Returns the graph with lines that pass through at most so many rows in all: the longest lines of a larger one end in nodes of
/// their own, right below the state that they leave. Such nodes come after all others.
pub(super) fn cut(graph: &Graph, max_rows: usize) -> Cow<'_, Graph> {
    let arcs = cycles::break_cycles(graph);
    let ranks = rank::rank(graph, &arcs);
    let mut spans: Vec<(usize, usize)> =
        arcs.iter().map(|arc| (ranks[arc.lower] - ranks[arc.upper], arc.edge)).collect();
    let mut n_rows: usize = spans.iter().map(|(span, _)| span).sum();
    if n_rows <= max_rows {
        return Cow::Borrowed(graph);
    }
    spans.sort_unstable_by(|one, other| other.cmp(one));
    let mut graph = graph.clone();
    for (span, edge) in spans {
        if n_rows <= max_rows || span <= STUB_SPAN {
            break;
        }
        n_rows -= span - STUB_SPAN;
        graph.edges[edge].to = graph.nodes.len();
        graph.nodes.push(Node { size: Size { width: STUB, height: STUB }, foot: 0.0, side: STUB, lean: 0.0 });
    }
    Cow::Owned(graph)
}
