//! The outlines of states: their size, and where lines may meet them.

use super::geometry::Size;
use super::layout::Node;
use super::text::Line;
use crate::model::State;

/// The room between text and border, at the sides.
const PADDING: f64 = 16.0;

/// The room between text and border, above and below.
const PADDING_Y: f64 = 9.0;

/// How far the sides of a funnel lean in.
const LEAN: f64 = 14.0;

/// How far each page of a stack looks out below the one before it.
pub(super) const PAGE: f64 = 4.0;

/// How many pages lie below the front one.
pub(super) const N_PAGES: usize = 2;

/// How much narrower, at each side, each page of a stack is than the one before it.
pub(super) const PAGE_INSET: f64 = 6.0;

/// The distance of the two borders of a final state.
pub(super) const DOUBLE: f64 = 3.5;

/// The radius of the dot that instances start from.
pub(super) const DOT: f64 = 6.0;

/// What a state looks like.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) lines: Vec<Line>,
    pub(super) is_funnel: bool,
    pub(super) is_stack: bool,
    /// The size of its front, without the pages below.
    pub(super) front: Size,
}

impl Shape {
    pub(super) fn new(state: &State, lines: Vec<Line>) -> Self {
        let (is_funnel, is_stack) = (state.fan_in.is_some(), state.is_continuation && state.fan_in.is_none());
        let text = text_size(&lines);
        let lean = if is_funnel { LEAN } else { 0.0 };
        let double = if state.is_final { DOUBLE } else { 0.0 };
        // Even numbers keep borders and centres on whole pixels.
        let even = |length: f64| (length / 2.0).ceil() * 2.0;
        let front = Size {
            width: even((text.width + 2.0 * (PADDING + double + lean)).max(88.0)),
            height: even((text.height + 2.0 * (PADDING_Y + double)).max(40.0)),
        };
        Self { lines, is_funnel, is_stack, front }
    }

    /// Returns what the layout has to know.
    pub(super) fn node(&self) -> Node {
        let pages = if self.is_stack { N_PAGES as f64 } else { 0.0 };
        let lean = if self.is_funnel { LEAN } else { 0.0 };
        Node {
            size: Size { width: self.front.width, height: self.front.height + pages * PAGE },
            foot: pages * PAGE_INSET + lean,
            side: self.front.height,
            lean,
        }
    }

    /// Returns how far its sides lean in, from top to bottom.
    pub(super) fn lean(&self) -> f64 {
        if self.is_funnel { LEAN } else { 0.0 }
    }
}

/// Returns what the layout has to know of the dot that instances start from.
pub(super) fn dot() -> Node {
    Node { size: Size { width: 2.0 * DOT, height: 2.0 * DOT }, foot: 0.0, side: 2.0 * DOT, lean: 0.0 }
}

/// Returns the room that lines of text take, one below the other.
pub(super) fn text_size(lines: &[Line]) -> Size {
    Size {
        width: lines.iter().map(Line::width).fold(0.0, f64::max),
        height: lines.iter().map(|line| line.font.line_height()).sum(),
    }
}

/// Returns the room of a label, with a little around it.
pub(super) fn label_size(lines: &[Line]) -> Size {
    let text = text_size(lines);
    Size { width: ((text.width + 10.0) / 2.0).ceil() * 2.0, height: text.height + 4.0 }
}
