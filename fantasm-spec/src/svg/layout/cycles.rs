//! Breaks cycles: the edges that lead back are turned round while the rows are found.

use super::Graph;

/// An edge between two different nodes, turned so that it leads down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    /// The edge in [`Graph::edges`].
    pub(super) edge: usize,
    pub(super) upper: usize,
    pub(super) lower: usize,
    /// Whether the edge itself leads from the lower to the upper node.
    pub(super) is_turned: bool,
    /// How many rows down it leads at least: a labelled one passes through a row of labels.
    pub(super) length: usize,
}

/// Turns every edge that leads back to where the walk came from; edges from a node to itself are left out.
///
/// The walk starts at the start and takes the edges in file order, so that "back" means back for the reader too.
pub(super) fn break_cycles(graph: &Graph) -> Vec<Arc> {
    let is_back = find_back_edges(graph);
    let straight = graph.edges.iter().enumerate().filter(|(_, edge)| edge.from != edge.to);
    straight
        .map(|(at, edge)| {
            let is_turned = is_back[at];
            let (upper, lower) = if is_turned { (edge.to, edge.from) } else { (edge.from, edge.to) };
            Arc { edge: at, upper, lower, is_turned, length: if edge.label.is_some() { 2 } else { 1 } }
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    NotYet,
    Open,
    Done,
}

/// Walks depth first, without recursion: a machine may be a chain of thousands of states.
fn find_back_edges(graph: &Graph) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); graph.nodes.len()];
    for (at, edge) in graph.edges.iter().enumerate() {
        leaving[edge.from].push(at);
    }
    let mut is_back = vec![false; graph.edges.len()];
    let mut visits = vec![Visit::NotYet; graph.nodes.len()];
    for root in std::iter::once(graph.start).chain(0..graph.nodes.len()) {
        if visits[root] != Visit::NotYet {
            continue;
        }
        visits[root] = Visit::Open;
        let mut path = vec![(root, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some(&edge) = leaving[*node].get(*next) else {
                visits[*node] = Visit::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let to = graph.edges[edge].to;
            match visits[to] {
                Visit::NotYet => {
                    visits[to] = Visit::Open;
                    path.push((to, 0));
                }
                Visit::Open => is_back[edge] = true,
                Visit::Done => {}
            }
        }
    }
    is_back
}
