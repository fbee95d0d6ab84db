//! Points, sizes and lines of a picture, in pixels; y grows downwards.

/// A place in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Point {
    pub(super) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// How much room a thing takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// How far a thing reaches from its centre to each side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reach {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) up: f64,
    pub(super) down: f64,
}

impl From<Size> for Reach {
    fn from(size: Size) -> Self {
        let (x, y) = (size.width / 2.0, size.height / 2.0);
        Self { left: x, right: x, up: y, down: y }
    }
}

/// A part of a line, from where the part before it ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Leg {
    /// Straight to a point.
    Line(Point),
    /// A cubic Bézier curve: two control points, then its end.
    Curve(Point, Point, Point),
}

/// Where an arrowhead points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    Down,
    Up,
    Left,
}
