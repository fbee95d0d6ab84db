//! The files of this machine.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use anyhow::Context;
use fantasm_spec::{Files, MAX_FILE_BYTES, ReadError};

/// What a file of machines is called, in the order in which Fantasm (Python) looks for it.
const FILE_NAMES: [&str; 4] = ["fsm.yaml", "fsm.yml", "fantasm.yaml", "fantasm.yml"];

/// Reads files from the disk.
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        // One byte more than is allowed tells that a file is too large, without reading all of it.
        let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(|error| {
            match error.kind() {
                // A folder on the way that is a file is a path that leads nowhere too.
                ErrorKind::NotFound | ErrorKind::NotADirectory => ReadError::NotFound,
                _ => ReadError::Unreadable(error.to_string()),
            }
        })?;
        Ok(bytes)
    }
}

/// Returns the file that a folder stands for; any other path, and a folder without such a file, stands for itself.
pub(crate) fn file_of_machines(path: &str) -> String {
    if !Path::new(path).is_dir() {
        return path.to_owned();
    }
    let folder = path.trim_end_matches('/');
    let files =
        ["", "src/"].into_iter().flat_map(|within| FILE_NAMES.map(move |name| format!("{folder}/{within}{name}")));
    files.into_iter().find(|file| Path::new(file).is_file()).unwrap_or_else(|| path.to_owned())
}

/// Writes a file, in place of what is there.
///
/// # Errors
///
/// When the file cannot be written; the error says which.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("`{}` cannot be written", path.display()))
}
