//! What the user sees.
#![expect(clippy::print_stderr, reason = "this is where a command-line program speaks")]

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::{Context as _, Result};
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::{counts::Tally, totals::Totals};

/// How many licences the table lists before it sums up the rest.
const MAX_LICENCES: usize = 12;

/// A bar on the terminal; nothing where there is none.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start(n_crates: usize) -> Self {
        let bar = ProgressBar::new(u64::try_from(n_crates).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("{elapsed} {wide_bar} {pos}/{len} crates {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    pub(crate) fn show(&self, totals: &Totals) {
        self.0.set_position(totals.n_crates);
        self.0.set_message(format!("{} files", totals.by_language.total().files));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// The totals in the order in which they are printed as JSON.
#[derive(Serialize)]
struct Summary {
    crates: u64,
    files: u64,
    bytes: u64,
    lines: u64,
}

/// Prints the totals. A reader who has seen enough and closes the pipe is no error.
pub(crate) fn print(dir: &Path, totals: &Totals, as_json: bool) -> Result<()> {
    let text = if as_json {
        let Tally { files, bytes, lines } = totals.by_language.total();
        serde_json::to_string(&Summary { crates: totals.n_crates, files, bytes, lines })?
    } else {
        let title = format!("{}: {} crates", dir.display(), totals.n_crates);
        format!("{title}\n{}\n{}", languages(totals), licences(totals))
    };
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot print the totals, which are safe in the database"),
    }
}

pub(crate) fn verified() {
    eprintln!("verified: an independent count agrees");
}

pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

fn languages(totals: &Totals) -> Table {
    let mut table = table(&["language", "files", "bytes", "lines"]);
    let mut rows: Vec<_> = totals.by_language.0.iter().map(|(language, tally)| (language.as_str(), *tally)).collect();
    rows.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.lines));
    rows.push(("total", totals.by_language.total()));
    for (language, tally) in rows {
        table.add_row([language.to_owned(), grouped(tally.files), grouped(tally.bytes), grouped(tally.lines)]);
    }
    table
}

fn licences(totals: &Totals) -> Table {
    let mut table = table(&["licence", "crates"]);
    let (shown, rest) = totals.by_licence.split_at(totals.by_licence.len().min(MAX_LICENCES));
    for (licence, n_crates) in shown {
        table.add_row([licence.clone(), grouped(*n_crates)]);
    }
    if !rest.is_empty() {
        let n_crates = rest.iter().map(|(_, n_crates)| n_crates).sum();
        table.add_row([format!("{} more", rest.len()), grouped(n_crates)]);
    }
    table
}

/// Names to the left, numbers to the right.
fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// 1234567 as 1 234 567.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b' ')).into_owned()
}
