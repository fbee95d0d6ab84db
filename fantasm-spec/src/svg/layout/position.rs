//! Gives every cell its x, after Brandes and Köpf: long lines run straight, and states stand over the middle of what follows.
//!
//! Cells are stacked into blocks that share one x, four times: from above and from below, with the leftmost and with the
//! rightmost choice where there are two. Each time the blocks are pushed together. The mean of the two middle results keeps
//! the distances and leans to no side.

use std::collections::BTreeSet;

use super::cells::{Cells, Kind};
use super::{Graph, MARGIN, straighten};

/// Returns the x of the centre of every cell; the leftmost thing starts at the margin.
pub(super) fn place(graph: &Graph, cells: &Cells) -> Vec<f64> {
    let crossing = links_that_yield(cells);
    let mut results = Vec::new();
    for is_from_below in [false, true] {
        for is_from_right in [false, true] {
            results.push(View::new(cells, is_from_below, is_from_right).place(&crossing));
        }
    }
    line_up(cells, &mut results);
    let mut xs: Vec<f64> = (0..cells.cells.len()).map(|cell| middle(&results, cell)).collect();
    straighten::straighten(graph, cells, &mut xs);
    let left = bounds(cells, &xs).0;
    for x in &mut xs {
        *x = (*x - left + MARGIN).floor();
    }
    xs
}

/// Returns the least distance between the centres of two neighbours.
pub(super) fn distance(cells: &Cells, left: usize, right: usize) -> f64 {
    let (left, right) = (&cells.cells[left], &cells.cells[right]);
    let gap = match (left.kind, right.kind) {
        (Kind::Node, Kind::Node) => 40.0,
        (Kind::Node, _) | (_, Kind::Node) => 24.0,
        (Kind::Line, Kind::Line) => 16.0,
        (Kind::Label, _) | (_, Kind::Label) => 14.0,
    };
    (left.reach.right + gap + right.reach.left).ceil()
}

/// The cells as they look when the picture is turned over.
struct View<'a> {
    cells: &'a Cells,
    rows: Vec<Vec<usize>>,
    places: Vec<usize>,
    /// The links to the row before.
    before: &'a [Vec<usize>],
    is_from_right: bool,
}

impl<'a> View<'a> {
    fn new(cells: &'a Cells, is_from_below: bool, is_from_right: bool) -> Self {
        let mut rows = cells.rows.clone();
        if is_from_below {
            rows.reverse();
        }
        if is_from_right {
            rows.iter_mut().for_each(|row| row.reverse());
        }
        let mut places = vec![0; cells.cells.len()];
        for row in &rows {
            for (place, &cell) in row.iter().enumerate() {
                places[cell] = place;
            }
        }
        let before = if is_from_below { &cells.below } else { &cells.above };
        Self { cells, rows, places, before, is_from_right }
    }

    fn place(&self, yielding: &BTreeSet<(usize, usize)>) -> Vec<f64> {
        let blocks = self.stack(yielding);
        let xs = self.push_together(&blocks);
        let sign = if self.is_from_right { -1.0 } else { 1.0 };
        blocks.iter().map(|block| sign * xs[*block]).collect()
    }

    /// Stacks each cell on the middle one of its neighbours in the row before, unless that crosses a stack or the neighbour
    /// has another one on it; returns the first cell of each cell's block.
    fn stack(&self, yielding: &BTreeSet<(usize, usize)>) -> Vec<usize> {
        let mut blocks: Vec<usize> = (0..self.cells.cells.len()).collect();
        for row in &self.rows {
            let mut free_from = 0;
            for &cell in row {
                let mut ends = self.before[cell].clone();
                ends.sort_unstable_by_key(|end| self.places[*end]);
                for middle in ends.len().saturating_sub(1) / 2..=ends.len() / 2 {
                    let Some(&end) = ends.get(middle) else { continue };
                    let is_free = blocks[cell] == cell && self.places[end] >= free_from;
                    if is_free && !yielding.contains(&(cell.min(end), cell.max(end))) {
                        blocks[cell] = blocks[end];
                        free_from = self.places[end] + 1;
                    }
                }
            }
        }
        blocks
    }

    /// Pushes the blocks to the left as far as their neighbours allow, then each back towards its right neighbours.
    fn push_together(&self, blocks: &[usize]) -> Vec<f64> {
        let (mut lefts, mut rights) = (vec![Vec::new(); blocks.len()], vec![Vec::new(); blocks.len()]);
        for row in &self.rows {
            for pair in row.windows(2) {
                let (left, right) = if self.is_from_right { (pair[1], pair[0]) } else { (pair[0], pair[1]) };
                let distance = distance(self.cells, left, right);
                lefts[blocks[pair[1]]].push((blocks[pair[0]], distance));
                rights[blocks[pair[0]]].push((blocks[pair[1]], distance));
            }
        }
        let mut links = vec![Vec::new(); blocks.len()];
        for (cell, others) in self.cells.above.iter().enumerate() {
            for &other in others.iter().filter(|other| blocks[**other] != blocks[cell]) {
                links[blocks[cell]].push(blocks[other]);
                links[blocks[other]].push(blocks[cell]);
            }
        }
        let order = left_to_right(&lefts, &rights);
        let mut xs = vec![0.0; blocks.len()];
        for &block in &order {
            xs[block] = lefts[block].iter().map(|(left, distance)| xs[*left] + distance).fold(0.0, f64::max);
        }
        for &block in order.iter().rev().filter(|block| !rights[**block].is_empty()) {
            let most =
                rights[block].iter().map(|(right, distance)| xs[*right] - distance).fold(f64::INFINITY, f64::min);
            // No farther than it is drawn: a block that goes to a distant neighbour for no reason makes long detours.
            let wish = mean(links[block].iter().map(|other| xs[*other])).unwrap_or(most);
            xs[block] = most.min(wish).max(xs[block]);
        }
        xs
    }
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = numbers.fold((0, 0.0), |(count, sum), number| (count + 1, sum + number));
    (count > 0).then(|| sum / f64::from(count))
}

/// Returns all blocks, each after those left of it.
fn left_to_right(lefts: &[Vec<(usize, f64)>], rights: &[Vec<(usize, f64)>]) -> Vec<usize> {
    let mut n_missing: Vec<usize> = lefts.iter().map(Vec::len).collect();
    let mut order: Vec<usize> = (0..lefts.len()).filter(|block| n_missing[*block] == 0).collect();
    let mut at = 0;
    while let Some(&block) = order.get(at) {
        at += 1;
        for (right, _) in &rights[block] {
            n_missing[*right] -= 1;
            if n_missing[*right] == 0 {
                order.push(*right);
            }
        }
    }
    order
}

/// Finds the links that cross a straight piece of a long line: they are not made straight, so that the line can be.
fn links_that_yield(cells: &Cells) -> BTreeSet<(usize, usize)> {
    let places = cells.places();
    let is_inner =
        |upper: usize, lower: usize| cells.cells[upper].kind != Kind::Node && cells.cells[lower].kind != Kind::Node;
    let mut yielding = BTreeSet::new();
    for row in &cells.rows {
        let inner_end = |lower: &usize| cells.above[*lower].iter().copied().find(|upper| is_inner(*upper, *lower));
        // Between two inner links, others may end only between the upper ends of the two.
        let (mut first, mut open_from) = (0, 0);
        for at in 0..row.len() {
            let inner = inner_end(&row[at]);
            if inner.is_none() && at + 1 < row.len() {
                continue;
            }
            let last = inner.map_or(usize::MAX, |upper| places[upper]);
            for &lower in &row[open_from..=at] {
                for &upper in &cells.above[lower] {
                    let is_outside = places[upper] < first || places[upper] > last;
                    if is_outside && !is_inner(upper, lower) {
                        yielding.insert((upper.min(lower), upper.max(lower)));
                    }
                }
            }
            open_from = at + 1;
            first = inner.map_or(first, |upper| places[upper]);
        }
    }
    yielding
}

/// Shifts the four results onto the narrowest one, each on the side that it was pushed to.
fn line_up(cells: &Cells, results: &mut [Vec<f64>]) {
    let all: Vec<(f64, f64)> = results.iter().map(|xs| bounds(cells, xs)).collect();
    let Some(narrowest) = all.iter().copied().min_by(|one, other| (one.1 - one.0).total_cmp(&(other.1 - other.0)))
    else {
        return;
    };
    for (at, (xs, own)) in results.iter_mut().zip(&all).enumerate() {
        let is_from_right = at % 2 == 1;
        let shift = if is_from_right { narrowest.1 - own.1 } else { narrowest.0 - own.0 };
        xs.iter_mut().for_each(|x| *x += shift);
    }
}

/// Returns where the leftmost thing starts and the rightmost one ends.
pub(super) fn bounds(cells: &Cells, xs: &[f64]) -> (f64, f64) {
    let all = cells.cells.iter().zip(xs);
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(left, right), (cell, x)| {
        (left.min(x - cell.reach.left), right.max(x + cell.reach.right))
    })
}

fn middle(results: &[Vec<f64>], cell: usize) -> f64 {
    let mut xs: Vec<f64> = results.iter().map(|xs| xs[cell]).collect();
    xs.sort_by(f64::total_cmp);
    f64::midpoint(xs[1], xs[2])
}
