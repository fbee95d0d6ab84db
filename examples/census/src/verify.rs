//! An independent count: one thread, no machine, no code shared with the census.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use crate::totals::Totals;

/// Counts again and compares.
pub(crate) fn verify(dir: &Path, totals: &Totals) -> Result<()> {
    let (mut n_crates, mut files, mut bytes, mut lines) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut pending = vec![(dir.to_owned(), 0_u32)];
    while let Some((path, depth)) = pending.pop() {
        for entry in fs::read_dir(&path).with_context(|| path.display().to_string())? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                n_crates += u64::from(depth == 0);
                pending.push((entry.path(), depth + 1));
            } else if kind.is_file() && depth > 0 {
                let text = fs::read(entry.path()).with_context(|| entry.path().display().to_string())?;
                files += 1;
                bytes += u64::try_from(text.len())?;
                lines += u64::try_from(text.split(|byte| *byte == b'\n').count() - 1)?;
            }
        }
    }
    let total = totals.by_language.total();
    let counted = (totals.n_crates, total.files, total.bytes, total.lines);
    ensure!(
        counted == (n_crates, files, bytes, lines),
        "the count does not agree with an independent one: crates, files, bytes, lines are {counted:?}, \
         counted again {:?}; did the directory change meanwhile?",
        (n_crates, files, bytes, lines)
    );
    Ok(())
}
