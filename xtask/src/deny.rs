//! Licences, advisories and sources of the dependencies.

use anyhow::Result;

use crate::step::{cargo, quietly, say};

/// The version that deny.toml is written for.
const VERSION: &str = "0.20.2";

/// Runs cargo-deny, and installs it first when it is missing, which takes minutes.
pub(crate) fn deny() -> Result<bool> {
    if !quietly(&mut cargo(["deny", "--version"])) {
        say(&format!("cargo-deny is missing: installing {VERSION}, which takes some minutes"));
        if !cargo(["install", "cargo-deny", "--locked", "--version", VERSION]).status()?.success() {
            return Ok(false);
        }
    }
    Ok(cargo(["deny", "--workspace", "check"]).status()?.success())
}
