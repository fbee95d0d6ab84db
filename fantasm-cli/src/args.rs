//! What can be written behind `fantasm`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use fantasm_spec::{Level, Levels, UnknownLevel};

/// Durable state machines, checked by the compiler: judges, explains and draws fsm.yaml.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit status: 0 when all is well, 1 when a file has errors, 2 when the command is misspelt."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tells everything that is wrong with files, with its place and what to do
    Check(CheckArgs),
    /// Draws a machine: as a picture (SVG), or as text for Mermaid or Graphviz
    Graph(GraphArgs),
    /// Writes fantasm.lock beside fsm.yaml, FILE.lock beside another FILE: what stored instances rely on, with which the build and `check` compare the file from then on
    Lock(LockArgs),
    /// Prints the chapter of a rule: why it is there, and how to mend what breaks it
    Explain(ExplainArgs),
    /// Prints the JSON Schema of fsm.yaml, by which editors complete and check it
    ///
    /// Save it as fsm.schema.json and start the file with `# yaml-language-server: $schema=./fsm.schema.json`.
    Schema,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Files of machines, such as fsm.yaml; their imports are read with them
    ///
    /// A folder stands for the first of fsm.yaml, fsm.yml, fantasm.yaml and fantasm.yml in it, or in its folder src.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,

    /// Prints one JSON document a file, each on one line of its own, in the order of the files
    ///
    /// A document is {"file", "ok", "root_url", "diagnostics": [{"code", "severity", "message", "help", "file", "line",
    /// "column", "end_line", "end_column"}], "machines", "lock": {"file", "errors", "warnings"}}. Lines and columns count from 1,
    /// the end is exclusive. A file with errors has no machines, and null as its root_url; one without a lock beside it has null
    /// as its lock.
    #[arg(long)]
    pub(crate) json: bool,

    /// Judges as the build does: what cannot become Rust is an error, not a warning
    #[arg(long)]
    pub(crate) build: bool,

    /// Lists the stored tasks that the files' machines could not run, with their instances
    ///
    /// It is the file of a SqliteStore, which is only read; or, when the command was installed with `--features postgres`, the URL of a
    /// PostgresStore, whose schema is brought up to date as a worker would do it. Name all files whose machines are stored in it. With `--json` one more line has {"against",
    /// "stranded": [{"machine", "from", "event", "to", "n_tasks", "instances", "message", "help"}]}, with up to 20 instances each.
    #[cfg(feature = "store")]
    #[arg(long, value_name = "DATABASE")]
    pub(crate) against: Option<String>,

    /// Makes an error of what breaks a rule; `warnings` stands for every rule that is a warning
    ///
    /// The rules that have a level are those that `fantasm explain` lists with one. What is said here counts more than what
    /// the file says, and a higher level more than a lower one.
    #[arg(long, value_name = "CODE", value_parser = |code: &str| code_at(Level::Deny, code))]
    pub(crate) deny: Vec<String>,

    /// Makes a warning of what breaks a rule
    #[arg(long, value_name = "CODE", value_parser = |code: &str| code_at(Level::Warn, code))]
    pub(crate) warn: Vec<String>,

    /// Passes over what breaks a rule
    #[arg(long, value_name = "CODE", value_parser = |code: &str| code_at(Level::Allow, code))]
    pub(crate) allow: Vec<String>,
}

impl CheckArgs {
    /// The level of every rule.
    ///
    /// # Errors
    ///
    /// When a rule has no level, which the arguments have been asked for already.
    pub(crate) fn levels(&self) -> Result<Levels, UnknownLevel> {
        let start = if self.build { Levels::default() } else { Levels::language() };
        let chosen = [(&self.allow, Level::Allow), (&self.warn, Level::Warn), (&self.deny, Level::Deny)];
        let mut chosen = chosen.into_iter().flat_map(|(codes, level)| codes.iter().map(move |code| (code, level)));
        chosen.try_fold(start, |levels, (code, level)| levels.with_named(code, level))
    }
}

/// A code to which this level can be given.
fn code_at(level: Level, code: &str) -> Result<String, UnknownLevel> {
    Levels::default().with_named(code, level).map(|_| code.to_owned())
}

#[derive(Debug, clap::Args)]
pub(crate) struct GraphArgs {
    /// The file that has the machine, or imports it; or a folder, as for `check`
    pub(crate) file: String,
    /// The name of the machine
    pub(crate) machine: String,
    /// The language of the drawing [default: what the name of the output says, else mermaid]
    #[arg(long, value_enum)]
    pub(crate) format: Option<GraphFormat>,
    /// Writes the drawing to a file; a name that ends in .svg, .dot, .gv or .mmd says the language too
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A picture, laid out here, which browsers and documents show
    Svg,
    /// A state diagram of Mermaid, which GitHub and many editors draw
    Mermaid,
    /// A graph in DOT, which Graphviz draws
    Dot,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LockArgs {
    /// The file of machines; its imports are read with it
    pub(crate) file: String,
    /// Writes it even when stored instances could not live with what has changed
    #[arg(long)]
    pub(crate) accept: bool,
    /// Writes nothing, and fails when something would be written
    #[arg(long, conflicts_with = "accept")]
    pub(crate) check: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The code in brackets behind `error` or `warning`; without it all codes are listed
    pub(crate) code: Option<String>,
}
