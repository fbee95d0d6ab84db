//! Orders the cells of each row so that few lines cross.

use super::cells::Cells;
use super::crossings;

/// How often all rows are ordered anew, going down and up in turns.
const MAX_SWEEPS: usize = 24;

/// After how many sweeps without a better order it is given up.
const MAX_IDLE_SWEEPS: usize = 6;

/// How many cells may be looked at in all: large machines get fewer sweeps, so that none runs away.
const MAX_LOOKS: usize = 400_000;

/// How often neighbours are exchanged within one sweep.
const MAX_EXCHANGES: usize = 8;

/// Looks for an order with few crossings, from several first orders, and keeps the best.
pub(super) fn reduce_crossings(cells: &mut Cells, start: usize) {
    let max_sweeps = (MAX_LOOKS / cells.cells.len().max(1)).clamp(2, MAX_SWEEPS);
    let mut best: Option<(usize, Vec<Vec<usize>>)> = None;
    for walk in [Walk::Deep, Walk::Wide, Walk::DeepReversed] {
        cells.rows = first_order(cells, start, walk);
        let found = sweep(cells, max_sweeps);
        if best.as_ref().is_none_or(|best| found.0 < best.0) {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| best.0 == 0) {
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
        let mut open = std::collections::VecDeque::from([root]);
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

/// Sweeps over the rows; returns the best order and its crossings.
fn sweep(cells: &mut Cells, max_sweeps: usize) -> (usize, Vec<Vec<usize>>) {
    let mut places = cells.places();
    let mut best = (crossings::count(cells, &places), cells.rows.clone());
    let mut n_idle = 0;
    for at in 0..max_sweeps {
        if best.0 == 0 || n_idle == MAX_IDLE_SWEEPS {
            break;
        }
        let (is_downwards, is_right_first) = (at % 2 == 0, at % 4 >= 2);
        let n_rows = cells.rows.len();
        for step in 1..n_rows {
            let row = if is_downwards { step } else { n_rows - 1 - step };
            sort_row(cells, &mut places, row, is_downwards, is_right_first);
        }
        exchange(cells, &mut places);
        let n_crossings = crossings::count(cells, &places);
        n_idle += 1;
        if n_crossings < best.0 {
            best = (n_crossings, cells.rows.clone());
            n_idle = 0;
        }
    }
    best
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

/// Exchanges neighbours wherever that saves a crossing, until it saves none.
fn exchange(cells: &mut Cells, places: &mut [usize]) {
    for _ in 0..MAX_EXCHANGES {
        let mut is_settled = true;
        for row in 0..cells.rows.len() {
            is_settled &= !exchange_in_row(cells, places, row);
        }
        if is_settled {
            break;
        }
    }
}

fn exchange_in_row(cells: &mut Cells, places: &mut [usize], row: usize) -> bool {
    let ends = |links: &[Vec<usize>], cell: usize, places: &[usize]| {
        let mut ends: Vec<usize> = links[cell].iter().map(|end| places[*end]).collect();
        ends.sort_unstable();
        ends
    };
    let both = |cell: usize, places: &[usize]| (ends(&cells.above, cell, places), ends(&cells.below, cell, places));
    let order = &mut cells.rows[row];
    let mut ends: Vec<_> = order.iter().map(|cell| both(*cell, places)).collect();
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
