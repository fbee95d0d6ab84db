//! Texts that are kept in files.

use std::fs;
use std::path::Path;

/// Compares a text with the one in a file; `UPDATE_EXPECT=1` writes the file instead.
#[track_caller]
pub(crate) fn expect(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, actual).expect("the expectation can be written");
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is not as expected; run with UPDATE_EXPECT=1 to accept this:\n{actual}\ninstead of:\n{expected}",
        path.display()
    );
}
