//! The only file that knows cargo: what it says to a build script, and how to speak to it.

use std::{env, io, path::PathBuf};

use fantasm_spec::{Diagnostic, Report, Severity};

/// The directory that cargo gave this package's build script.
pub(crate) fn out_dir() -> io::Result<PathBuf> {
    let missing = || io::Error::other("OUT_DIR is not set; call this from build.rs, or choose `Config::out_dir`");
    env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(missing)
}

pub(crate) fn rerun_if_changed(file: &str) {
    tell("rerun-if-changed", file);
}

/// Sets a variable of rustc, for as long as the build script says so: cargo repeats what its last run has said, and no more.
pub(crate) fn rustc_env(name: &str, value: &str) {
    tell("rustc-env", &format!("{name}={value}"));
}

/// Fails the build; for when there is no way to let rustc tell it.
pub(crate) fn error(message: &str) {
    tell("error", message);
}

pub(crate) fn warning(message: &str) {
    tell("warning", message);
}

/// Tells the warnings of a report, each on one line, because cargo prints its own prefix before every line.
pub(crate) fn warnings(report: &Report) {
    for warning in of(report, Severity::Warning) {
        let help = warning.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        self::warning(&format!("{}{help}", headline(warning)));
    }
}

/// The errors of a report as the messages of `compile_error!`: rustc puts `error: ` before the first line.
pub(crate) fn error_messages(report: &Report) -> Vec<String> {
    let message = |error| {
        let rendered = report.render_one(error);
        let snippet = rendered.trim_end().split_once('\n').map_or("", |(_, snippet)| snippet);
        format!("{}\n{snippet}", headline(error))
    };
    of(report, Severity::Error).map(message).collect()
}

fn of(report: &Report, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
    report.diagnostics().iter().filter(move |diagnostic| diagnostic.severity == severity)
}

/// What is wrong and where, on one line.
fn headline(diagnostic: &Diagnostic) -> String {
    format!("{}: {} [{}]", diagnostic.place, diagnostic.message, diagnostic.code)
}

#[allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]
fn tell(directive: &str, value: &str) {
    println!("cargo::{directive}={}", value.replace(['\r', '\n'], " "));
}
