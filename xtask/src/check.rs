//! Everything that must hold before a commit.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    monkey,
    step::{Step, cargo, quietly, say, timed},
    summary::Summary,
};

/// Runs all steps, the later ones too when an earlier one failed, so that one run tells everything.
///
/// The build comes first and takes all targets with all features, which is what the tests take: so neither the tests
/// nor the examples that they start are built a second time. Clippy and rustdoc share what they read of the
/// dependencies.
pub(crate) fn check() -> Result<bool> {
    let mut summary = Summary::default();
    let all = timed(|| {
        set_up()?;
        for step in steps() {
            step.run(&mut summary)?;
        }
        Ok(())
    })?;
    summary.close(all);
    Ok(summary.is_good())
}

fn steps() -> Vec<Step> {
    let everything = ["--workspace", "--all-features"];
    let format = cargo(["fmt", "--all", "--check"]);
    let build = cargo(["build", "--all-targets"].into_iter().chain(everything));
    let lint = cargo(["clippy", "--all-targets"].into_iter().chain(everything).chain(["--", "--deny", "warnings"]));
    let mut test = cargo(["test", "--no-fail-fast"].into_iter().chain(everything));
    test.env("FANTASM_EXAMPLES_ARE_BUILT", "1");
    let mut document = cargo(["doc", "--no-deps"].into_iter().chain(everything));
    document.env("RUSTDOCFLAGS", "--deny warnings");
    let monkey = monkey::on_postgres("3");
    vec![
        Step::new("formatting", format),
        Step::new("build", build),
        Step::new("lints", lint),
        Step::new("tests", test).with_tests(),
        Step::new("documentation", document),
        Step::new("three minutes of workers and a server that are harmed at random", monkey).with_tests(),
    ]
}

/// Makes sure of what the steps need and cargo does not bring along.
fn set_up() -> Result<()> {
    // What the `cc` crate looks for, in its order.
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    if cfg!(unix) && !quietly(Command::new(&compiler).arg("--version")) {
        bail!(
            "there is no C compiler `{compiler}`, which the bundled SQLite is built with; install one \
             (Debian: `apt-get install gcc libc6-dev`, Fedora: `dnf install gcc`, macOS: `xcode-select --install`) \
             or name it in the environment variable CC"
        );
    }
    if !has_postgres() {
        bail!(
            "the tests start a PostgreSQL server of their own, whose programs (initdb, pg_ctl, psql) are neither in \
             /usr/lib/postgresql/*/bin nor in the PATH; install them (Debian: `apt-get install postgresql`, \
             Fedora: `dnf install postgresql-server`, macOS: `brew install postgresql`)"
        );
    }
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !quietly(&mut cargo([tool, "--version"])) {
            bail!("`cargo {tool}` is missing; `rustup component add {component}` installs it");
        }
    }
    say(
        "set up: a C compiler, PostgreSQL, rustfmt and clippy are here; the examples that the tests start are built with everything else",
    );
    Ok(())
}

/// Whether the server's programs are where the tests look for them.
fn has_postgres() -> bool {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = debian.map(|entry| entry.path().join("bin")).chain(std::env::split_paths(&path));
    folders.any(|folder| ["initdb", "pg_ctl", "psql"].iter().all(|program| folder.join(program).exists()))
}
