//! What holds for the code as a whole, each rule with its reason.
//!
//! A rule is data and one check; and because a rule that matches nothing looks as good as one that is kept, each is also
//! shown what it must find.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to panic")]

mod documents;
mod guide;
mod limits;
mod names;
mod packages;
mod source;
mod words;

use std::path::{Path, PathBuf};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails with all findings at once.
#[track_caller]
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "{} against the rules:\n{}", findings.len(), findings.join("\n"));
}
