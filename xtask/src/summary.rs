//! What a check came to.

use std::time::Duration;

use crate::step::say;

/// Steps and tests, counted.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    steps: Vec<(&'static str, bool, Duration)>,
    n_passed: u64,
    n_failed: u64,
}

impl Summary {
    pub(crate) fn step(&mut self, name: &'static str, is_good: bool, time: Duration) {
        say(&format!("== {name}: {} in {}", word(is_good), seconds(time)));
        self.steps.push((name, is_good, time));
    }

    /// Reads a line of `cargo test`; all but one of a test binary say nothing about counts.
    pub(crate) fn test_line(&mut self, line: &str) {
        if let Some((passed, failed)) = counts(line) {
            self.n_passed += passed;
            self.n_failed += failed;
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.n_failed == 0 && self.steps.iter().all(|(_, is_good, _)| *is_good)
    }

    pub(crate) fn close(&self, all: Duration) {
        say("\n== summary");
        for (name, is_good, time) in &self.steps {
            say(&format!("{:>6}  {name} ({})", word(*is_good), seconds(*time)));
        }
        say(&format!("all of it: {} in {}", word(self.is_good()), seconds(all)));
        say(&format!("{} passed, {} failed", self.n_passed, self.n_failed));
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; …`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let result = line.strip_prefix("test result: ")?;
    let (_, counts) = result.split_once(". ")?;
    let mut numbers = counts.split("; ").map(|part| part.split(' ').next()?.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

fn word(is_good: bool) -> &'static str {
    if is_good { "ok" } else { "FAILED" }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn results_are_read_off_the_line_of_a_test_binary() {
        let line = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        assert_eq!(counts(line), Some((12, 0)));
        let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(counts(line), Some((3, 2)));
        assert_eq!(counts("test counts ... ok"), None);
    }
}
