//! Gives every node its row.

use super::Graph;
use super::cycles::Arc;

/// How often nodes are drawn nearer to their neighbours; it ends by itself after two or three times.
const MAX_ROUNDS: usize = 16;

/// Returns the row of every node, counted from the top.
///
/// At first everything stands as high as the longest way to it allows. Then each node that more arcs leave than enter goes
/// down to those that it leads to, and the reverse, until no line gets shorter.
pub(super) fn rank(graph: &Graph, arcs: &[Arc]) -> Vec<usize> {
    let n_nodes = graph.nodes.len();
    let (mut entering, mut leaving) = (vec![Vec::new(); n_nodes], vec![Vec::new(); n_nodes]);
    for arc in arcs {
        entering[arc.lower].push(*arc);
        leaving[arc.upper].push(*arc);
    }
    // The start stands among the labels above the first row of states.
    let top = |node: usize| usize::from(node != graph.start);
    let order = downwards(&entering, &leaving);
    let mut ranks = vec![0; n_nodes];
    for &node in &order {
        ranks[node] = lowest(&entering[node], &ranks).unwrap_or(top(node));
    }
    for _ in 0..MAX_ROUNDS {
        let mut is_settled = true;
        for &node in order.iter().rev() {
            let bottom = leaving[node].iter().map(|arc| ranks[arc.lower] - arc.length).min();
            if let Some(bottom) =
                bottom.filter(|bottom| *bottom > ranks[node] && leaving[node].len() > entering[node].len())
            {
                ranks[node] = bottom;
                is_settled = false;
            }
        }
        for &node in &order {
            let top = lowest(&entering[node], &ranks);
            if let Some(top) = top.filter(|top| *top < ranks[node] && entering[node].len() > leaving[node].len()) {
                ranks[node] = top;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    let first = ranks.iter().copied().min().unwrap_or(0);
    ranks.into_iter().map(|rank| rank - first).collect()
}

/// Returns the highest row that the arcs from above allow.
fn lowest(entering: &[Arc], ranks: &[usize]) -> Option<usize> {
    entering.iter().map(|arc| ranks[arc.upper] + arc.length).max()
}

/// Returns all nodes so that every arc leads from an earlier to a later one.
fn downwards(entering: &[Vec<Arc>], leaving: &[Vec<Arc>]) -> Vec<usize> {
    let mut n_missing: Vec<usize> = entering.iter().map(Vec::len).collect();
    let mut order: Vec<usize> = (0..entering.len()).filter(|node| n_missing[*node] == 0).collect();
    let mut at = 0;
    while let Some(&node) = order.get(at) {
        at += 1;
        for arc in &leaving[node] {
            n_missing[arc.lower] -= 1;
            if n_missing[arc.lower] == 0 {
                order.push(arc.lower);
            }
        }
    }
    order
}
