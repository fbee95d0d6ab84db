//! One command of a check, with its time.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::summary::Summary;

/// A named command.
#[derive(Debug)]
pub(crate) struct Step {
    name: &'static str,
    command: Command,
    has_tests: bool,
}

impl Step {
    pub(crate) fn new(name: &'static str, command: Command) -> Self {
        Self { name, command, has_tests: false }
    }

    /// Counts the tests that the command reports.
    pub(crate) fn with_tests(self) -> Self {
        Self { has_tests: true, ..self }
    }

    /// Runs the command and notes how it went; an error means that it could not be run.
    pub(crate) fn run(mut self, summary: &mut Summary) -> Result<()> {
        say(&format!("\n== {}: {}", self.name, spelled(&self.command)));
        let (name, has_tests) = (self.name, self.has_tests);
        let mut is_good = false;
        let time = timed(|| {
            is_good = if has_tests { self.run_tests(summary)? } else { self.command.status()?.success() };
            Ok(())
        })
        .with_context(|| format!("{name} could not be run"))?;
        summary.step(name, is_good, time);
        Ok(())
    }

    /// Passes the tests' lines on as they come, and reads their results off them.
    fn run_tests(&mut self, summary: &mut Summary) -> Result<bool> {
        let mut child = self.command.stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("the tests have no output")?;
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            summary.test_line(&line);
            say(&line);
        }
        Ok(child.wait()?.success())
    }
}

/// The cargo that runs this program, in the root of the workspace.
pub(crate) fn cargo<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command
}

/// Whether a command succeeds; what it says is not shown.
pub(crate) fn quietly(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// How long something took that could be done.
#[expect(clippy::disallowed_methods, reason = "this clock is for the person who waits; nothing is decided by it")]
pub(crate) fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let start = std::time::Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// Prints a line. Whoever closed the other end no longer listens, and that is no reason to stop.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Prints what went wrong.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
}

/// Shows a command, runs it and answers whether it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<bool> {
    say(&spelled(command));
    let status = command.status().with_context(|| format!("`{}` could not be run", spelled(command)))?;
    Ok(status.success())
}

/// The command as one would type it.
fn spelled(command: &Command) -> String {
    let of = |text: &OsStr| text.to_string_lossy().into_owned();
    let variables =
        command.get_envs().map(|(name, value)| format!("{}={:?}", of(name), value.map(of).unwrap_or_default()));
    let args = command.get_args().map(of);
    variables.chain(std::iter::once("cargo".to_owned())).chain(args).collect::<Vec<_>>().join(" ")
}
