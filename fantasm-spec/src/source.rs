//! Where text comes from, and where in it something stands.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// How the text of a file is obtained.
///
/// This crate does no input or output: the caller says what a path holds, so that a build script, a command, a test and a
/// browser can all load machines.
///
/// # Examples
///
/// ```
/// use fantasm_spec::{Files, ReadError};
///
/// /// One file, held in memory.
/// struct OneFile(&'static str);
///
/// impl Files for OneFile {
///     fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
///         if path == "fsm.yaml" { Ok(self.0.into()) } else { Err(ReadError::NotFound) }
///     }
/// }
///
/// assert!(fantasm_spec::load("fsm.yaml", &OneFile("state_machines: []")).is_ok());
/// ```
pub trait Files {
    /// Reads the bytes of the file at `path`.
    ///
    /// At most [`MAX_FILE_BYTES`] + 1 bytes are looked at; an implementation may stop reading there.
    ///
    /// # Errors
    ///
    /// [`ReadError::NotFound`] when there is no such file (an import is then searched elsewhere),
    /// [`ReadError::Unreadable`] when there is one that cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// Lists the names of what is in the folder of the file at `path`; by default nothing, where that cannot be said.
    ///
    /// A lock that is left of a file with another name is found by it.
    fn names_beside(&self, path: &str) -> Vec<String> {
        let _ = path;
        Vec::new()
    }
}

/// Where a text is indented with tabs first: they alone.
pub(crate) fn tabs(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(at) = indent.find('\t').filter(|_| !line.trim().is_empty()) {
            let length = indent[at..].len() - indent[at..].trim_start_matches('\t').len();
            return Some(start + at..start + at + length);
        }
        start += line.len();
    }
    None
}

/// The largest file that is parsed; a fsm.yaml that a person wrote is a thousand times smaller.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Why a file gave no text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// No file has this path.
    NotFound,
    /// The file is there; the text says why it cannot be read.
    Unreadable(String),
}

/// A stretch of a file, as people and editors name it; displays as `fsm.yaml:14:13`.
///
/// Lines and columns count from 1, columns count characters. The end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Place {
    /// The path of the file, as it was asked for.
    pub file: Arc<str>,
    /// The line of the first character.
    pub line: u32,
    /// The column of the first character.
    pub column: u32,
    /// The line of the first character after the stretch.
    pub end_line: u32,
    /// The column of the first character after the stretch.
    pub end_column: u32,
    pub(crate) span: Span,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Names one file of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(usize);

/// A stretch of one file in bytes; cheap to copy, so everything that is read carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span {
    pub(crate) file: FileId,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// The start of a file: where something is missing that the whole file should have said.
    pub(crate) fn start_of(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

impl<T> Spanned<T> {
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// One file that was read.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: Arc<str>,
    pub(crate) text: Arc<str>,
    /// The byte at which each line starts.
    lines: Arc<[usize]>,
    /// How many characters start before each block, so that a place far down a long line costs no more than another.
    characters: Arc<[usize]>,
}

/// The length of a block in bytes.
const BLOCK: usize = 256;

/// Every file that was read, in the order of reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

impl Sources {
    pub(crate) fn add(&mut self, path: &str, text: &str) -> FileId {
        self.0.push(Source::new(path, text));
        FileId(self.0.len() - 1)
    }

    /// The file of a span; every [`FileId`] comes from [`Sources::add`] of this very value.
    pub(crate) fn get(&self, file: FileId) -> &Source {
        &self.0[file.0]
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|source| &*source.path)
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        let source = self.get(span.file);
        let (line, column) = source.position(span.start);
        let (end_line, end_column) = source.position(span.end.max(span.start));
        Place { file: Arc::clone(&source.path), line, column, end_line, end_column, span }
    }
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut n_characters = 0;
        let characters = text.as_bytes().chunks(BLOCK).map(|block| {
            let before = n_characters;
            n_characters += starts(block);
            before
        });
        Self { path: path.into(), text: text.into(), lines, characters: characters.collect() }
    }

    /// Line and column of a byte, both from 1.
    fn position(&self, at: usize) -> (u32, u32) {
        let line = self.line(at);
        let column = self.n_characters(at) - self.n_characters(self.line_start(line));
        (saturate(line + 1), saturate(column + 1))
    }

    /// The line of a byte, from 0.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The byte at which a line starts; the end of the text when there are fewer lines.
    pub(crate) fn line_start(&self, line: usize) -> usize {
        self.lines.get(line).copied().unwrap_or(self.text.len())
    }

    /// How many characters start before a byte.
    fn n_characters(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let block = at / BLOCK;
        let before = self.characters.get(block).copied();
        // A text that ends where a block does has no block behind it; that happens once, so it may count from the start.
        let (from, before) = before.map_or((0, 0), |before| (block * BLOCK, before));
        before + starts(&self.text.as_bytes()[from..at])
    }
}

/// How many characters start in a piece of UTF-8.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("fsm.yaml", "a: é\nbé: c\n");
        let span = Span { file, start: 11, end: 12 };
        let place = sources.place(span);
        assert_eq!(place.to_string(), "fsm.yaml:2:5");
        assert_eq!((place.end_line, place.end_column), (2, 6));
    }

    #[test]
    fn a_place_far_down_a_long_line_is_exact() {
        let mut sources = Sources::default();
        let text = format!("x\n{}end", "é".repeat(1000));
        let file = sources.add("fsm.yaml", &text);
        let place = sources.place(Span { file, start: text.len() - 3, end: text.len() });
        assert_eq!((place.line, place.column, place.end_column), (2, 1001, 1004));
    }
}
