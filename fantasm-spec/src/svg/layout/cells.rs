//! Cuts long lines into pieces of one row, so that all that follows sees only neighbouring rows.

use super::cycles::Arc;
use super::{Graph, loops};
use crate::svg::geometry::Reach;

/// Everything that takes room in a row.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    /// The nodes first, with their numbers of [`Graph::nodes`].
    pub(super) cells: Vec<Cell>,
    /// The cells of each row, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// For each cell, those of the row above that a line joins it to.
    pub(super) above: Vec<Vec<usize>>,
    /// For each cell, those of the row below that a line joins it to.
    pub(super) below: Vec<Vec<usize>>,
    /// For each arc, the cells that it passes, from the upper to the lower node.
    pub(super) chains: Vec<Vec<usize>>,
}

/// A thing in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) kind: Kind,
    pub(super) row: usize,
    pub(super) reach: Reach,
}

/// What stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    /// The label of a line, which passes behind it.
    Label,
    /// A line that only passes.
    Line,
}

impl Cells {
    /// Returns the place of every cell in its row.
    pub(super) fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.cells.len()];
        for row in &self.rows {
            for (place, &cell) in row.iter().enumerate() {
                places[cell] = place;
            }
        }
        places
    }

    fn add(&mut self, cell: Cell) -> usize {
        self.rows[cell.row].push(self.cells.len());
        self.cells.push(cell);
        self.above.push(Vec::new());
        self.below.push(Vec::new());
        self.cells.len() - 1
    }
}

/// Makes a cell of every node, every label and every row that a line passes through.
pub(super) fn split(graph: &Graph, arcs: &[Arc], ranks: &[usize]) -> Cells {
    let n_rows = ranks.iter().max().map_or(0, |last| last + 1);
    let mut cells = Cells {
        cells: Vec::new(),
        rows: vec![Vec::new(); n_rows],
        above: Vec::new(),
        below: Vec::new(),
        chains: Vec::new(),
    };
    for (node, reach) in loops::reaches(graph).into_iter().enumerate() {
        cells.add(Cell { kind: Kind::Node, row: ranks[node], reach });
    }
    for arc in arcs {
        // An event is looked for beside the state that it leaves.
        let label_row = if arc.is_turned { ranks[arc.lower] - 1 } else { ranks[arc.upper] + 1 };
        let mut chain = vec![arc.upper];
        for row in ranks[arc.upper] + 1..ranks[arc.lower] {
            let label = graph.edges[arc.edge].label.filter(|_| row == label_row);
            let (kind, reach) = label.map_or((Kind::Line, Reach::default()), |size| (Kind::Label, size.into()));
            chain.push(cells.add(Cell { kind, row, reach }));
        }
        chain.push(arc.lower);
        for link in chain.windows(2) {
            cells.below[link[0]].push(link[1]);
            cells.above[link[1]].push(link[0]);
        }
        cells.chains.push(chain);
    }
    cells
}
