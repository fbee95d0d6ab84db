//! The `fantasm` command: judges, explains and draws fsm.yaml.

mod args;
mod command;
mod disk;
mod schema;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::Args;
use command::Verdict;

/// Success is 0, a file or a name that is wrong is 1; clap itself ends with 2 when the command is.
fn main() -> ExitCode {
    let args = Args::parse();
    match command::run(args.command, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::FAILURE,
        // Who reads our output may stop before its end, as `head` does; that is no failure of ours.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
