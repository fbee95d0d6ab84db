//! What is laid out, and what comes of it.

use crate::svg::geometry::{Heading, Leg, Point, Size};

/// What is to be laid out.
#[derive(Clone, Debug)]
pub(in crate::svg) struct Graph {
    /// The states, and the dot that an instance starts from.
    pub(in crate::svg) nodes: Vec<Node>,
    /// The transitions, in file order, and the way from the dot to the initial state.
    pub(in crate::svg) edges: Vec<Edge>,
    /// The node of the dot: it has one edge, which no other edge is like.
    pub(in crate::svg) start: usize,
}

/// A thing that lines lead to. Its sides lean evenly inwards from the top to the bottom, or are upright.
#[derive(Clone, Copy, Debug)]
pub(in crate::svg) struct Node {
    /// The room it takes.
    pub(in crate::svg) size: Size,
    /// How much farther inwards than its width each lower corner is.
    pub(in crate::svg) foot: f64,
    /// How far down its sides reach; below there may be the pages of a stack, which are narrower.
    pub(in crate::svg) side: f64,
    /// How much farther inwards than its width each side is where it ends.
    pub(in crate::svg) lean: f64,
}

/// A line from a node to a node.
#[derive(Clone, Copy, Debug)]
pub(in crate::svg) struct Edge {
    pub(in crate::svg) from: usize,
    pub(in crate::svg) to: usize,
    /// The room of its label; only the edge of the start has none.
    pub(in crate::svg) label: Option<Size>,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::svg) struct Layout {
    /// How large the picture is; it starts at 0, 0.
    pub(in crate::svg) size: Size,
    /// The centre of every node, and of those that cut lines end at.
    pub(in crate::svg) centres: Vec<Point>,
    /// The line of every edge.
    pub(in crate::svg) routes: Vec<Route>,
}

/// Where a line runs.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::svg) struct Route {
    /// Where it starts, on the border of its first node.
    pub(in crate::svg) start: Point,
    /// Its parts; the last one ends where the arrowhead begins.
    pub(in crate::svg) legs: Vec<Leg>,
    /// The point of the arrowhead, on the border of its last node.
    pub(in crate::svg) tip: Point,
    /// Where the arrowhead points.
    pub(in crate::svg) heading: Heading,
    /// The centre of its label, if it has one.
    pub(in crate::svg) label: Option<Point>,
}
