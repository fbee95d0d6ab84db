//! Counts crossings.

use super::cells::Cells;

/// Counts the crossings of all lines.
pub(super) fn count(cells: &Cells, places: &[usize]) -> usize {
    (1..cells.rows.len()).map(|row| count_above(cells, places, row)).sum()
}

/// Counts the crossings between a row and the one above it, in `n log n` steps.
///
/// Of two lines, sorted by their upper ends, those cross whose lower ends stand in the other order.
fn count_above(cells: &Cells, places: &[usize], row: usize) -> usize {
    let n_places = cells.rows[row].len();
    // A Fenwick tree: how many lower ends are at or left of a place.
    let mut tree = vec![0; n_places + 1];
    let (mut n_lines, mut n_crossings) = (0, 0);
    for &upper in &cells.rows[row - 1] {
        let mut ends: Vec<usize> = cells.below[upper].iter().map(|lower| places[*lower]).collect();
        ends.sort_unstable();
        for &end in &ends {
            n_crossings += n_lines - up_to(&tree, end);
        }
        for end in ends {
            n_lines += 1;
            let mut at = end + 1;
            while at <= n_places {
                tree[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    n_crossings
}

fn up_to(tree: &[usize], place: usize) -> usize {
    let (mut at, mut sum) = (place + 1, 0);
    while at > 0 {
        sum += tree[at];
        at &= at - 1;
    }
    sum
}

/// Counts the crossings of the lines of two cells of one row with another row, for `left` left of `right` and the reverse.
///
/// Both lists are the sorted places of the ends in the other row.
pub(super) fn of_two(left: &[usize], right: &[usize]) -> (usize, usize) {
    (n_pairs_greater(left, right), n_pairs_greater(right, left))
}

/// Counts the pairs in which the one of `first` is greater than the one of `second`.
fn n_pairs_greater(first: &[usize], second: &[usize]) -> usize {
    let (mut n_less, mut n_pairs) = (0, 0);
    for end in first {
        while second.get(n_less).is_some_and(|other| other < end) {
            n_less += 1;
        }
        n_pairs += n_less;
    }
    n_pairs
}
