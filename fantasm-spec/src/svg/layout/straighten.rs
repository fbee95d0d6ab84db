//! Draws lines straight and things together: a layout after Brandes and Köpf alone has long lines straight, but is wide.

use super::cells::{Cells, Kind};
use super::position::distance;
use super::simplex::{Bond, minimize};
use super::{Graph, ports};

/// How much more a bend within a long line counts than one at its end, where every line may bend.
const LINE_WEIGHT: i64 = 4;

/// Moves cells, without changing their order or going below their distances, so that the bends are as small as can be in all.
///
/// The straight pieces of long lines stay straight.
pub(super) fn straighten(graph: &Graph, cells: &Cells, xs: &mut [f64]) {
    // Rounding down keeps distances, which are whole numbers.
    let cell_xs: Vec<i64> = xs.iter().map(|x| x.floor() as i64).collect();
    let (things, n_things) = things(cells, &cell_xs);
    let mut places = vec![0; n_things];
    for (x, thing) in cell_xs.iter().zip(&things) {
        places[*thing] = *x;
    }
    let mut bonds = Vec::new();
    for pair in cells.rows.iter().flat_map(|row| row.windows(2)) {
        let length = distance(cells, pair[0], pair[1]) as i64;
        bonds.push(Bond { tail: things[pair[0]], head: things[pair[1]], length, weight: 0 });
    }
    // A pair that is neighbours in several rows needs only its greatest distance.
    bonds.sort_by_key(|bond| (bond.tail, bond.head, -bond.length));
    bonds.dedup_by_key(|bond| (bond.tail, bond.head));
    for (upper, lower, offset) in links(graph, cells) {
        let (one, other) = (things[upper], things[lower]);
        if one != other {
            let is_inner = [upper, lower].iter().all(|cell| cells.cells[*cell].kind != Kind::Node);
            let weight = if is_inner { LINE_WEIGHT } else { 1 };
            // A thing left of both, drawn to both, lies at the left one: its bonds cost how far the two are apart.
            let left = places.len();
            places.push((places[one] + offset).min(places[other]));
            bonds.push(Bond { tail: left, head: one, length: -offset, weight });
            bonds.push(Bond { tail: left, head: other, length: 0, weight });
        }
    }
    minimize(&bonds, &mut places);
    for (x, thing) in xs.iter_mut().zip(&things) {
        *x = places[*thing] as f64;
    }
}

/// Numbers what moves as one: each node, and each straight piece of a line with its label.
fn things(cells: &Cells, xs: &[i64]) -> (Vec<usize>, usize) {
    let mut things: Vec<usize> = vec![0; xs.len()];
    let mut n_things = 0;
    for (cell, thing) in things.iter_mut().enumerate().filter(|(cell, _)| cells.cells[*cell].kind == Kind::Node) {
        *thing = cell;
        n_things += 1;
    }
    for chain in &cells.chains {
        for link in chain.windows(2).take(chain.len() - 2) {
            let is_straight = cells.cells[link[0]].kind != Kind::Node && xs[link[0]] == xs[link[1]];
            if is_straight {
                things[link[1]] = things[link[0]];
            } else {
                things[link[1]] = n_things;
                n_things += 1;
            }
        }
    }
    (things, n_things)
}

/// Returns the links between rows: the upper and the lower cell, and how far right of the upper one's centre the lower one
/// would be straight below.
fn links(graph: &Graph, cells: &Cells) -> Vec<(usize, usize, i64)> {
    let places: Vec<f64> = cells.places().into_iter().map(|place| place as f64).collect();
    let offsets = ports::even(graph, cells, &places);
    let mut links = Vec::new();
    for (arc, chain) in cells.chains.iter().enumerate() {
        for (at, link) in chain.windows(2).enumerate() {
            let upper = if at == 0 { offsets.upper[arc] } else { 0.0 };
            let lower = if at + 2 == chain.len() { offsets.lower[arc] } else { 0.0 };
            links.push((link[0], link[1], (upper - lower).round() as i64));
        }
    }
    links
}
