//! Places states, events and lines: a layered layout in the manner of Sugiyama, Tagawa and Toda.
//!
//! States stand in rows, an instance moves downwards where it can, and every event has a place of its own in a row between
//! those of the states. Lines run straight through the rows and bend only between them, so no line can touch a state or an
//! event that is not its own. The same graph always comes out the same.

mod cells;
mod crossings;
mod cut;
mod cycles;
mod graph;
mod loops;
mod order;
mod ports;
mod position;
mod rank;
mod route;
mod rows;
mod simplex;
mod spread;
mod straighten;
#[cfg(test)]
mod tests;

pub(super) use graph::{Edge, Graph, Layout, Node, Route};

/// The length of an arrowhead.
pub(super) const TIP: f64 = 8.0;

/// How many rows all lines may pass through in all: far more than a picture that can be read has, and little enough that any
/// machine can be drawn in moderate time and memory.
const MAX_ROWS: usize = 150_000;

/// The room left around everything.
const MARGIN: f64 = 24.0;

/// Lays a graph out. Its nodes and edges keep their numbers; there may be nodes after them, where lines of a graph that is too
/// large are cut.
pub(super) fn lay_out(graph: &Graph) -> Layout {
    let graph = &*cut::cut(graph, MAX_ROWS);
    // AFTER THIS POINT: the lines are few and short enough for all that follows.
    let arcs = cycles::break_cycles(graph);
    // AFTER THIS POINT: who follows the arcs downwards never comes back.
    let ranks = rank::rank(graph, &arcs);
    // AFTER THIS POINT: every arc leads down by at least its length; states have even distances from each other.
    let mut cells = cells::split(graph, &arcs, &ranks);
    // AFTER THIS POINT: every link joins two neighbouring rows; every label is a cell.
    order::reduce_crossings(&mut cells, graph.start);
    // AFTER THIS POINT: it is settled who stands left of whom.
    let xs = position::place(graph, &cells);
    // AFTER THIS POINT: every cell has its x, and neighbours keep their distance.
    let ports = ports::assign(graph, &cells, &xs);
    // AFTER THIS POINT: every line has its own place on the border of its states.
    let rows = rows::stack(&cells, &xs, &ports);
    // AFTER THIS POINT: every row has its own band of y; there is room to bend between two bands.
    route::finish(graph, &arcs, &cells, &xs, &ports, &rows)
}
