//! The project's own commands. `cargo xtask check` is the one that everybody runs before a commit.

mod check;
mod cost;
mod deny;
mod latency;
mod monkey;
mod step;
mod summary;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
The project's own commands.

Usage: cargo xtask <COMMAND>

Commands:
  check  Checks everything: formatting, lints, builds, tests, documentation. Continuous integration runs the same.
  cost   Measures what fantasm costs at compile time, beside the same crate without it; takes minutes, on a quiet machine.
  latency
         Measures how soon actions begin after a start, on SQLite and PostgreSQL, and what idle workers cost; on a quiet machine.
  monkey Lets workers as real processes be killed, stopped and cut off, and their server crash and crawl, and then counts:
         [--minutes 20] [--instances 20000] [--store sqlite|postgres|URL]; it goes on until both numbers are reached.
         [--beside PROGRAM] has every second worker be the `fleet-worker` of another build, say of an older version.
  deny   Checks licences, advisories and sources of all dependencies; installs cargo-deny when it is missing.
  help   Prints this.

What `check` needs is the toolchain of rust-toolchain.toml, which rustup installs by itself, the programs of a PostgreSQL
server, of which the tests start one, and a C compiler, with
which the bundled SQLite is built. Everything else it builds or makes by itself, in cargo's target directory.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            step::complain(&error);
            ExitCode::from(2)
        }
    }
}

/// Answers whether all is well; an error says why that could not be found out.
fn run(args: &[&str]) -> Result<bool> {
    match args {
        ["check"] => check::check(),
        ["cost"] => cost::cost(),
        ["deny"] => deny::deny(),
        ["latency"] => latency::latency(),
        ["monkey", options @ ..] => monkey::monkey(options),
        [] | ["help" | "--help" | "-h"] => {
            step::say(HELP);
            Ok(!args.is_empty())
        }
        other => bail!("unknown command `{}`; `cargo xtask --help` lists them", other.join(" ")),
    }
}
