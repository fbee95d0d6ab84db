//! Paths to Rust items, as fsm.yaml writes them: with dots or with `::`.

use std::fmt;

use crate::source::Place;

/// A path to a Rust item.
///
/// Each segment is a Rust identifier without `r#`; it may be a keyword, which whoever writes Rust makes raw.
/// It displays as Rust spells it from inside the crate: `crate::mail::send`, or `::shared::send`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RustPath {
    /// The segments from the crate root (or from the extern prelude), the namespace applied.
    pub segments: Vec<String>,
    /// Whether the path starts at the extern prelude (`::other_crate::action`) and not at the crate root.
    pub is_absolute: bool,
    /// The text as it was written.
    pub written: String,
    /// Where the text is written.
    pub place: Place,
}

/// The path of an action: of a state, its entry or exit, or a transition.
pub type ActionPath = RustPath;

/// The path of a module that single-word actions are looked up in.
pub type ModulePath = RustPath;

impl fmt::Display for RustPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_absolute {
            f.write_str("crate")?;
        }
        for segment in &self.segments {
            write!(f, "::{segment}")?;
        }
        Ok(())
    }
}
