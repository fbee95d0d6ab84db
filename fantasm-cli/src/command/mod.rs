//! One file a subcommand: take the arguments, ask the library, print.

#[cfg(feature = "store")]
mod against;
mod check;
mod explain;
mod graph;
mod lock;
mod schema;

use std::io::Write;

use crate::args::Command;

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    Bad,
}

/// Runs a command; what was asked for goes to `out`, what is wrong to `err`.
///
/// # Errors
///
/// When the output cannot be written.
pub(crate) fn run(command: Command, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Verdict> {
    match command {
        Command::Check(args) => check::run(&args, out, err),
        Command::Graph(args) => graph::run(&args, out, err),
        Command::Lock(args) => lock::run(&args, out, err),
        Command::Explain(args) => explain::run(&args, out, err),
        Command::Schema => schema::run(out),
    }
}
