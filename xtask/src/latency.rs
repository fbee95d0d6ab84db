//! How soon actions begin, and what idle workers cost; a release build of `tests/latency`.

use anyhow::Result;

use crate::step::{cargo, run};

/// Measures and prints. It is no part of a check: the figures say something only where nothing else runs.
pub(crate) fn latency() -> Result<bool> {
    run(&mut cargo(["run", "--release", "--package", "fantasm-tests", "--bin", "latency"]))
}
