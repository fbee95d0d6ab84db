//! Orders the cells of each row so that few lines cross.

use std::collections::VecDeque;

use super::cells::Cells;
use super::crossings;

/// How often all rows are ordered anew from one first order, going down and up in turns.
const MAX_SWEEPS: usize = 24;

/// After how many sweeps without a better order it is given up.
const MAX_IDLE_SWEEPS: usize = 6;

/// How often neighbours are exchanged within one sweep.
const MAX_EXCHANGES: usize = 8;

/// How many cells may be looked at in all: more than sixty states need, so that large machines do not run away.
const MAX_LOOKS: usize = 1_500_000;

/// Looks for an order with few crossings, from several first orders, and keeps the best.
pub(super) fn reduce_crossings(cells: &mut Cells, start: usize) {
    let mut sweeper = Sweeper { places: Vec::new(), n_looks_left: MAX_LOOKS };
    let mut best: Option<(usize, Vec<Vec<usize>>)> = None;
    for walk in [Walk::Deep, Walk::Wide, Walk::DeepReversed] {
        cells.rows = first_order(cells, start, walk);
        let found = sweeper.sweep(cells);
        if best.as_ref().is_none_or(|best| found.0 < best.0) {
            best = Some(found);
        }
        if sweeper.n_looks_left == 0 || best.as_ref().is_some_and(|best| best.0 == 0) {
            break;
        }
    }
    if let Some((_, rows)) = best {
        cells.rows = rows;
    }
}

/// How the first order is found.
#[derive(Clone, Copy, PartialEq)]
enum Walk {
    Deep,
    DeepReversed,
    Wide,
}

/// Lines the cells up as a walk from the start along the lines meets them: trees come out without any crossing.
fn first_order(cells: &Cells, start: usize, walk: Walk) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); cells.rows.len()];
    let mut is_met = vec![false; cells.cells.len()];
    for root in std::iter::once(start).chain(0..cells.cells.len()) {
        let mut open = VecDeque::from([root]);
        while let Some(cell) = if walk == Walk::Wide { open.pop_front() } else { open.pop_back() } {
            if std::mem::replace(&mut is_met[cell], true) {
                continue;
            }
            rows[cells.cells[cell].row].push(cell);
            // What is pushed last is met first.
            let next = cells.above[cell].iter().chain(&cells.below[cell]);
            if walk == Walk::Deep { open.extend(next.rev()) } else { open.extend(next) }
        }
    }
    rows
}

/// What goes over the rows again and again.
struct Sweeper {
    /// The place of every cell in its row.
    places: Vec<usize>,
    n_looks_left: usize,
}

impl Sweeper {
    /// Sweeps over the rows; returns the best order and its crossings.
    fn sweep(&mut self, cells: &mut Cells) -> (usize, Vec<Vec<usize>>) {
        self.places = cells.places();
        let mut best = (crossings::count(cells, &self.places), cells.rows.clone());
        let mut n_idle = 0;
        for at in 0..MAX_SWEEPS {
            if best.0 == 0 || n_idle == MAX_IDLE_SWEEPS || self.n_looks_left == 0 {
                break;
            }
            self.sort_rows(cells, at % 2 == 0, at % 4 >= 2);
            self.exchange(cells);
            let n_crossings = crossings::count(cells, &self.places);
            n_idle += 1;
            if n_crossings < best.0 {
                best = (n_crossings, cells.rows.clone());
                n_idle = 0;
            }
        }
        best
    }

    fn sort_rows(&mut self, cells: &mut Cells, is_downwards: bool, is_right_first: bool) {
        self.look_at(cells.cells.len());
        let n_rows = cells.rows.len();
        for step in 1..n_rows {
            let row = if is_downwards { step } else { n_rows - 1 - step };
            sort_row(cells, &mut self.places, row, is_downwards, is_right_first);
        }
    }

    /// Exchanges neighbours wherever that saves a crossing, until it saves none.
    fn exchange(&mut self, cells: &mut Cells) {
        let n_rows = cells.rows.len();
        let mut is_open = vec![true; n_rows];
        for _ in 0..MAX_EXCHANGES {
            for row in 0..n_rows {
                if self.n_looks_left == 0 || !std::mem::replace(&mut is_open[row], false) {
                    continue;
                }
                self.look_at(cells.rows[row].len());
                if exchange_in_row(cells, &mut self.places, row) {
                    // What saves nothing now may do so once a neighbouring row has changed.
                    is_open[row.saturating_sub(1)..(row + 2).min(n_rows)].fill(true);
                }
            }
            if !is_open.contains(&true) {
                break;
            }
        }
    }

    fn look_at(&mut self, n_cells: usize) {
        self.n_looks_left = self.n_looks_left.saturating_sub(n_cells);
    }
}

/// Sorts a row by the mean place of each cell's neighbours in the row before; a cell without any stays where it is.
fn sort_row(cells: &mut Cells, places: &mut [usize], row: usize, is_downwards: bool, is_right_first: bool) {
    let links = if is_downwards { &cells.above } else { &cells.below };
    let mean = |cell: usize| {
        let ends = &links[cell];
        (!ends.is_empty()).then(|| ends.iter().map(|end| places[*end] as f64).sum::<f64>() / ends.len() as f64)
    };
    let mut movable: Vec<(f64, usize)> =
        cells.rows[row].iter().filter_map(|cell| Some((mean(*cell)?, *cell))).collect();
    if is_right_first {
        movable.reverse();
    }
    movable.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut sorted = movable.into_iter();
    for (place, cell) in cells.rows[row].iter_mut().enumerate() {
        if !links[*cell].is_empty()
            && let Some((_, next)) = sorted.next()
        {
            *cell = next;
        }
        places[*cell] = place;
    }
}

/// Exchanges neighbours within a row; returns whether it did.
fn exchange_in_row(cells: &mut Cells, places: &mut [usize], row: usize) -> bool {
    let sorted = |ends: &[usize]| {
        let mut ends: Vec<usize> = ends.iter().map(|end| places[*end]).collect();
        ends.sort_unstable();
        ends
    };
    let order = &mut cells.rows[row];
    let mut ends: Vec<(Vec<usize>, Vec<usize>)> =
        order.iter().map(|cell| (sorted(&cells.above[*cell]), sorted(&cells.below[*cell]))).collect();
    let mut has_changed = false;
    for right in 1..order.len() {
        let left = right - 1;
        let above = crossings::of_two(&ends[left].0, &ends[right].0);
        let below = crossings::of_two(&ends[left].1, &ends[right].1);
        if above.1 + below.1 < above.0 + below.0 {
            order.swap(left, right);
            ends.swap(left, right);
            has_changed = true;
        }
    }
    for (place, cell) in order.iter().enumerate() {
        places[*cell] = place;
    }
    has_changed
}
