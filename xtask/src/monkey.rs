//! Four workers as real processes, and a monkey that harms them and their server at random for as long as it is let.
//!
//! It is `tests/fleet`, which the tests run for seconds, with more time.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::step::{cargo, run};

/// What is asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
struct Options<'a> {
    minutes: &'a str,
    instances: Option<&'a str>,
    store: &'a str,
    /// A worker that was built of other sources, which every second one is.
    beside: Option<&'a str>,
}

/// Lets it loose, and answers whether everything was counted right at the end.
pub(crate) fn monkey(args: &[&str]) -> Result<bool> {
    run(&mut command(&options(args)?))
}

/// A run on a PostgreSQL server of its own.
pub(crate) fn on_postgres(minutes: &str) -> Command {
    command(&Options { minutes, instances: None, store: "postgres", beside: None })
}

fn options<'a>(args: &[&'a str]) -> Result<Options<'a>> {
    let mut options = Options { minutes: "20", instances: None, store: "postgres", beside: None };
    for option in args.chunks(2) {
        let name = option[0];
        let value = option.get(1).copied();
        let value = || value.with_context(|| format!("`{name}` lacks its value"));
        match name {
            "--minutes" => options.minutes = number::<f64>(name, value()?)?,
            "--instances" => options.instances = Some(number::<usize>(name, value()?)?),
            "--store" => options.store = value()?,
            "--beside" => options.beside = Some(program(value()?)?),
            other => bail!("unknown option `{other}`; there are --minutes, --instances, --store and --beside"),
        }
    }
    match options.store {
        "sqlite" | "postgres" => {}
        url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {}
        other => bail!("`--store {other}`: it is `sqlite`, `postgres` for a server of its own, or a URL postgres://…"),
    }
    Ok(options)
}

/// The text as it was, if it is a number.
fn number<'a, T: std::str::FromStr>(option: &str, text: &'a str) -> Result<&'a str> {
    match text.parse::<T>() {
        Ok(_) => Ok(text),
        Err(_) => bail!("`{option} {text}`: that is no number"),
    }
}

/// The path as it was, if there is a file.
fn program(path: &str) -> Result<&str> {
    if !Path::new(path).is_file() {
        bail!("`--beside {path}`: there is no such program; it is the `fleet-worker` of another build");
    }
    Ok(path)
}

fn command(options: &Options<'_>) -> Command {
    let test = if options.store == "sqlite" { "counts_right_on_sqlite" } else { "counts_right_on_postgres" };
    // With the features of the whole workspace, so that nothing is built that a check has built already.
    let mut command = cargo(["test", "--workspace", "--all-features", "--test", "fleet", "--", "--nocapture", test]);
    command.env("FANTASM_FLEET_MINUTES", options.minutes);
    command.envs(options.instances.map(|instances| ("FANTASM_FLEET_INSTANCES", instances)));
    // The test runs in another directory.
    let beside = options.beside.map(|beside| fs::canonicalize(beside).unwrap_or_else(|_| beside.into()));
    command.envs(beside.map(|beside| ("FANTASM_FLEET_BESIDE", beside)));
    if options.store.contains("://") {
        command.env("FANTASM_FLEET_URL", options.store);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::{Options, options};

    #[test]
    fn options_have_values() {
        let expected =
            Options { minutes: "0.5", instances: Some("20000"), store: "sqlite", beside: Some("Cargo.toml") };
        let args = ["--store", "sqlite", "--minutes", "0.5", "--instances", "20000", "--beside", "Cargo.toml"];
        assert_eq!(options(&args).unwrap(), expected);
        assert_eq!(options(&[]).unwrap(), Options { minutes: "20", instances: None, store: "postgres", beside: None });
    }

    #[test]
    fn what_is_wrong_with_them_is_said() {
        let table: [(&[&str], &str); 5] = [
            (&["--minutes"], "lacks its value"),
            (&["--minutes", "many"], "that is no number"),
            (&["--store", "mysql://host"], "it is `sqlite`"),
            (&["--beside", "no/program"], "there is no such program"),
            (&["--hours", "1"], "there are --minutes"),
        ];
        for (args, expected) in table {
            let error = options(args).unwrap_err().to_string();
            assert!(error.contains(expected), "{args:?}: {error}");
        }
    }
}
