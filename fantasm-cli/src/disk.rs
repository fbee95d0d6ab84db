//! The files of this machine.

use std::fs;
use std::path::Path;

use anyhow::Context;

pub(crate) use fantasm_build::Disk;

/// What a file of machines is called, in the order in which Fantasm (Python) looks for it.
const FILE_NAMES: [&str; 4] = ["fsm.yaml", "fsm.yml", "fantasm.yaml", "fantasm.yml"];

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
