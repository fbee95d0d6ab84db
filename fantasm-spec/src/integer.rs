//! Whole numbers as fsm.yaml writes them.

use std::fmt;

/// A whole number of the file.
///
/// Fantasm's files may hold any whole number, negative ones too, and a file is to be shown as it is. What runs counts in
/// `u32`: the default levels refuse what does not fit, so there [`Integer::as_u32`] is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer(i128);

impl Integer {
    /// Returns the number as it was written.
    #[must_use]
    pub fn get(self) -> i128 {
        self.0
    }

    /// Returns the number as the runtime counts, clamped to what a `u32` holds.
    #[must_use]
    pub fn as_u32(self) -> u32 {
        u32::try_from(self.0.max(0)).unwrap_or(u32::MAX)
    }

    /// Whether [`Integer::as_u32`] is the number itself.
    pub(crate) fn is_exact(self) -> bool {
        i128::from(self.as_u32()) == self.0
    }
}

impl From<i128> for Integer {
    fn from(number: i128) -> Self {
        Self(number)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamps_to_what_the_runtime_counts_in() {
        assert_eq!(Integer::from(7).as_u32(), 7);
        assert_eq!(Integer::from(-7).as_u32(), 0);
        assert_eq!(Integer::from(i128::MAX).as_u32(), u32::MAX);
        assert!(!Integer::from(-7).is_exact());
    }
}
