//! Draws the lines: straight through the rows, bending between them.

use super::cells::{Cells, Kind};
use super::cycles::Arc;
use super::ports::Ports;
use super::rows::Band;
use super::{Graph, Layout, MARGIN, Route, TIP, loops, position};
use crate::svg::geometry::{Heading, Leg, Point, Size};

/// How far, of its height, a bend keeps to the upright at each end: less makes sharper corners, more makes flatter lines, which
/// are harder to tell from each other.
const PULL: f64 = 0.42;

/// Draws all lines, and puts what was found together.
pub(super) fn finish(graph: &Graph, arcs: &[Arc], cells: &Cells, xs: &[f64], ports: &Ports, bands: &[Band]) -> Layout {
    let centre = |cell: usize| Point::new(xs[cell], bands[cells.cells[cell].row].centre);
    let centres: Vec<Point> = (0..graph.nodes.len()).map(centre).collect();
    let mut routes: Vec<(usize, Route)> = loops::routes(graph, &centres);
    for (at, (arc, chain)) in arcs.iter().zip(&cells.chains).enumerate() {
        let upright = uprights(graph, cells, bands, chain, &ports.path(at, chain, xs));
        let label = chain.iter().find(|cell| cells.cells[**cell].kind == Kind::Label).map(|cell| centre(*cell));
        routes.push((arc.edge, route(upright, arc.is_turned, label)));
    }
    routes.sort_by_key(|(edge, _)| *edge);
    let size = Size {
        width: (position::bounds(cells, xs).1 + MARGIN).ceil(),
        height: bands.last().map_or(0.0, |last| last.bottom) + MARGIN,
    };
    Layout { size, centres, routes: routes.into_iter().map(|(_, route)| route).collect() }
}

/// A straight piece of a line through a row.
#[derive(Clone, Copy, Debug)]
struct Upright {
    x: f64,
    from: f64,
    to: f64,
}

/// Returns the pieces of an arc from the upper to the lower node; the first starts and the last ends at a border.
fn uprights(graph: &Graph, cells: &Cells, bands: &[Band], chain: &[usize], path: &[f64]) -> Vec<Upright> {
    let mut uprights: Vec<Upright> = chain
        .iter()
        .zip(path)
        .map(|(cell, &x)| {
            let band = bands[cells.cells[*cell].row];
            Upright { x, from: band.top, to: band.bottom }
        })
        .collect();
    let border = |cell: usize| (bands[cells.cells[cell].row].centre, graph.nodes[cell].size.height / 2.0);
    if let (Some(first), Some(last)) = (chain.first(), chain.last()) {
        let ((top, up), (bottom, down)) = (border(*last), border(*first));
        if let [first, .., last] = uprights.as_mut_slice() {
            // Lines with and without an arrowhead are upright for its length, so that they bend alike and none crosses another.
            (first.from, first.to) = (bottom + down, first.to.max(bottom + down + TIP));
            (last.from, last.to) = (last.from.min(top - up - TIP), top - up);
        }
    }
    uprights
}

/// Runs along the pieces, from below when the line leads upwards, and ends where the arrowhead begins.
fn route(mut uprights: Vec<Upright>, is_upwards: bool, label: Option<Point>) -> Route {
    if is_upwards {
        uprights.reverse();
        for upright in &mut uprights {
            (upright.from, upright.to) = (upright.to, upright.from);
        }
    }
    let (heading, tip_length) = if is_upwards { (Heading::Up, -TIP) } else { (Heading::Down, TIP) };
    let mut tip = Point::default();
    if let Some(last) = uprights.last_mut() {
        tip = Point::new(last.x, last.to);
        last.to -= tip_length;
    }
    let start = uprights.first().map_or(tip, |first| Point::new(first.x, first.from));
    Route { start, legs: legs(start, &uprights), tip, heading, label }
}

fn legs(start: Point, uprights: &[Upright]) -> Vec<Leg> {
    let mut legs: Vec<Leg> = Vec::new();
    let mut at = start;
    for upright in uprights {
        let entry = Point::new(upright.x, upright.from);
        if upright.x != at.x {
            let pull = (entry.y - at.y) * PULL;
            legs.push(Leg::Curve(Point::new(at.x, at.y + pull), Point::new(entry.x, entry.y - pull), entry));
            at = entry;
        }
        let exit = Point::new(upright.x, upright.to);
        if exit.y != at.y {
            // Straight pieces that follow each other are one.
            legs.pop_if(|last| matches!(last, Leg::Line(_)));
            legs.push(Leg::Line(exit));
            at = exit;
        }
    }
    legs
}
