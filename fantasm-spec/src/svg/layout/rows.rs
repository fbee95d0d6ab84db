//! Stacks the rows, with more room between two of them where lines bend far.

use super::MARGIN;
use super::cells::Cells;
use super::ports::Ports;

/// The least room between two rows.
const MIN_GAP: f64 = 22.0;

/// How much room lines get for each pixel that the longest bend goes sideways; the second number counts once the first has
/// given [`STEEP_GAP`].
const GAP_PER_PIXEL: (f64, f64) = (0.16, 0.02);

/// Up to this, room grows fast: short bends are to be steep. Long ones need less, but some, to be told from each other.
const STEEP_GAP: f64 = 60.0;

/// The y of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    pub(super) top: f64,
    /// The height at which the centres of its cells are.
    pub(super) centre: f64,
    pub(super) bottom: f64,
}

/// Returns the band of every row.
pub(super) fn stack(cells: &Cells, xs: &[f64], ports: &Ports) -> Vec<Band> {
    let bends = longest_bends(cells, xs, ports);
    let mut bands: Vec<Band> = Vec::new();
    for (row, members) in cells.rows.iter().enumerate() {
        let reaches = members.iter().map(|cell| cells.cells[*cell].reach);
        let (up, down) = reaches.fold((0.0_f64, 0.0_f64), |most, reach| (most.0.max(reach.up), most.1.max(reach.down)));
        let top = bands.last().map_or(MARGIN, |last| last.bottom + gap(bends[row]));
        let (top, centre) = (top.round(), (top + up).round());
        bands.push(Band { top, centre, bottom: (centre + down).ceil() });
    }
    bands
}

fn gap(bend: f64) -> f64 {
    let (fast, slow) = GAP_PER_PIXEL;
    let steep = (bend * fast).min(STEEP_GAP);
    MIN_GAP + steep + (bend - steep / fast) * slow
}

/// Returns, for every row, how far the longest bend above it goes sideways.
fn longest_bends(cells: &Cells, xs: &[f64], ports: &Ports) -> Vec<f64> {
    let mut bends = vec![0.0_f64; cells.rows.len()];
    for (arc, chain) in cells.chains.iter().enumerate() {
        let path = ports.path(arc, chain, xs);
        for (link, cell) in path.windows(2).zip(&chain[1..]) {
            let bend = &mut bends[cells.cells[*cell].row];
            *bend = bend.max((link[1] - link[0]).abs());
        }
    }
    bends
}
