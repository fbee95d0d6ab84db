//! How seriously a rule is taken.

use std::collections::BTreeMap;

use crate::code::{Class, Code};

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
/// Real errors are errors at every level.
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
    /// What the caller says counts more than what the file says.
    chosen: BTreeMap<Code, Level>,
    written: BTreeMap<Code, Level>,
}

impl Default for Levels {
    fn default() -> Self {
        Self { portability: Level::Deny, chosen: BTreeMap::new(), written: BTreeMap::new() }
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

    /// Takes the level that the file gives to a rule.
    pub(crate) fn write(&mut self, code: Code, level: Level) {
        self.written.insert(code, level);
    }

    /// Returns the level of a rule.
    #[must_use]
    pub fn of(&self, code: Code) -> Level {
        let chosen = self.chosen.get(&code).or(self.written.get(&code)).copied();
        match code.class() {
            Class::Error => Level::Deny,
            Class::Portability => chosen.unwrap_or(self.portability),
            Class::Lint => chosen.unwrap_or(Level::Warn),
        }
    }
}
