//! How seriously a rule is taken.

use std::collections::BTreeMap;
use std::fmt;

use crate::code::{Class, Code};
use crate::similar::similar;

/// What happens when a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Allow,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// The level of every rule.
///
/// The default is what generated Rust needs: a file that loads with it can be built. [`Levels::language`] is what Fantasm
/// (Python) accepts: names that are no Rust identifiers, types that only Python has, and negative numbers are warnings there.
/// Real errors are errors at every level, and so is, for generated Rust, a name that is no identifier.
///
/// # Examples
///
/// ```
/// use fantasm_spec::{Code, Level, Levels};
///
/// let levels = Levels::default().with(Code::UnreachableState, Level::Deny);
/// assert_eq!(levels.of(Code::UnreachableState), Level::Deny);
/// assert_eq!(levels.with(Code::InvalidFanIn, Level::Allow).of(Code::InvalidFanIn), Level::Deny);
/// ```
#[derive(Clone, Debug)]
pub struct Levels {
    portability: Level,
    denies_warnings: bool,
    /// What the caller says counts more than what the file says.
    chosen: BTreeMap<Code, Level>,
    written: BTreeMap<Code, Level>,
}

impl Default for Levels {
    fn default() -> Self {
        Self { portability: Level::Deny, denies_warnings: false, chosen: BTreeMap::new(), written: BTreeMap::new() }
    }
}

impl Levels {
    /// Returns the levels that judge a file as Fantasm (Python) does, and only warn of what cannot be built.
    #[must_use]
    pub fn language() -> Self {
        Self { portability: Level::Warn, ..Self::default() }
    }

    /// Sets the level of one rule, whatever the file says; without effect on a rule whose breach is always an error.
    #[must_use]
    pub fn with(mut self, code: Code, level: Level) -> Self {
        self.chosen.insert(code, level);
        self
    }

    /// Sets the level of the rule with this code, as [`Levels::with`] does; to deny `warnings` makes an error of every rule that
    /// is a warning, whatever says so.
    ///
    /// # Errors
    ///
    /// When no rule that has a level has this code; the error names the rules that do, or the one that was most likely meant.
    pub fn with_named(mut self, code: &str, level: Level) -> Result<Self, UnknownLevel> {
        if code == "warnings" && level == Level::Deny {
            self.denies_warnings = true;
            return Ok(self);
        }
        match with_level().find(|known| known.as_str() == code) {
            Some(code) => Ok(self.with(code, level)),
            None => Err(UnknownLevel(code.to_owned())),
        }
    }

    /// Takes the level that the file gives to a rule.
    pub(crate) fn write(&mut self, code: Code, level: Level) {
        self.written.insert(code, level);
    }

    /// Returns the level of a rule.
    #[must_use]
    pub fn of(&self, code: Code) -> Level {
        let chosen = self.chosen.get(&code).or(self.written.get(&code)).copied();
        let level = match code.class() {
            Class::Error => Level::Deny,
            Class::Portability if self.portability == Level::Deny && is_about_identifiers(code) => Level::Deny,
            Class::Portability => chosen.unwrap_or(self.portability),
            Class::Lint => chosen.unwrap_or(Level::Warn),
        };
        if level == Level::Warn && self.denies_warnings { Level::Deny } else { level }
    }
}

/// Whether code could not even be written, whatever the author wants to live with.
fn is_about_identifiers(code: Code) -> bool {
    matches!(code, Code::IdentifierUnavailable | Code::IdentifierCollision)
}

/// The rules that have a level.
pub(crate) fn with_level() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| code.class() != Class::Error)
}

/// What to write instead of a code that no rule with a level has.
pub(crate) fn did_you_mean(code: &str) -> Result<&'static str, String> {
    similar(code, with_level().map(Code::as_str))
        .ok_or_else(|| format!("those that have: {}", with_level().map(Code::as_str).collect::<Vec<_>>().join(", ")))
}

/// No rule that has a level has the code that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownLevel(String);

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no rule that has a level; ", self.0)?;
        match did_you_mean(&self.0) {
            Ok(meant) => write!(f, "did you mean `{meant}`?"),
            Err(known) => f.write_str(&known),
        }
    }
}

impl std::error::Error for UnknownLevel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_counts_more_than_the_file() {
        let mut levels = Levels::default().with(Code::DeadEndState, Level::Deny);
        levels.write(Code::DeadEndState, Level::Allow);
        levels.write(Code::BusyLoop, Level::Allow);
        assert_eq!(levels.of(Code::DeadEndState), Level::Deny);
        assert_eq!(levels.of(Code::BusyLoop), Level::Allow);
    }

    #[test]
    fn to_deny_warnings_spares_what_is_allowed() {
        let levels = Levels::language().with(Code::BusyLoop, Level::Allow);
        let levels = levels.with_named("warnings", Level::Deny).expect("a word of its own");
        assert_eq!(levels.of(Code::BusyLoop), Level::Allow);
        assert_eq!(levels.of(Code::DeadEndState), Level::Deny);
        assert_eq!(levels.of(Code::PythonOnlyContextType), Level::Deny);
    }

    #[test]
    fn no_level_makes_an_identifier_of_what_is_none() {
        let allowed =
            |levels: Levels| levels.with(Code::IdentifierCollision, Level::Allow).of(Code::IdentifierCollision);
        assert_eq!(allowed(Levels::default()), Level::Deny);
        assert_eq!(allowed(Levels::language()), Level::Allow);
    }

    #[test]
    fn a_code_without_a_level_is_told() {
        let told =
            |code: &str| Levels::default().with_named(code, Level::Warn).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(told("busy-loop"), Ok(()));
        let expected = "`busyloop` is no rule that has a level; did you mean `busy-loop`?";
        assert_eq!(told("busyloop"), Err(expected.to_owned()));
        assert!(told("invalid-fan-in").is_err_and(|told| told.contains("those that have: identifier-unavailable, ")));
        assert!(told("warnings").is_err());
    }
}
