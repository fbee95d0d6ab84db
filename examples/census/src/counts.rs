//! What files come to, by language.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{language, tree::at};

/// Files, bytes and lines by language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts(pub(crate) BTreeMap<String, Tally>);

/// A number of files with their bytes and newline bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
}

impl Counts {
    /// Reads and counts files, given by their paths below `dir`.
    pub(crate) fn of_files(dir: &Path, files: &[OsString]) -> io::Result<Self> {
        let mut counts = Self::default();
        for file in files {
            let path = dir.join(file);
            let tally = Tally::of_file(&path).map_err(|error| at(&path, &error))?;
            counts.0.entry(language::of_path(&path).to_owned()).or_default().add(tally);
        }
        Ok(counts)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (language, tally) in &other.0 {
            self.0.entry(language.clone()).or_default().add(*tally);
        }
    }

    /// All languages together.
    pub(crate) fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.0.values().for_each(|tally| total.add(*tally));
        total
    }
}

impl Tally {
    fn of_file(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut buffer = vec![0; 64 * 1024];
        let mut tally = Self { files: 1, ..Self::default() };
        loop {
            let read = match file.read(&mut buffer)? {
                0 => return Ok(tally),
                n => &buffer[..n],
            };
            tally.bytes += u64::try_from(read.len()).unwrap_or(u64::MAX);
            tally.lines += u64::try_from(read.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u64::MAX);
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.lines += other.lines;
    }
}
