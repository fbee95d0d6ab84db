//! `fantasm check`: everything that is wrong with files.

use std::io::{IsTerminal, Write};

use fantasm_spec::{Diagnostic, Judgement, Loaded, Lock, MachineOutline, Report, Severity, load_with, outline};
use serde::Serialize;

use super::Verdict;
#[cfg(feature = "store")]
use super::against;
use crate::args::CheckArgs;
use crate::disk::{self, Disk};

pub(crate) fn run(args: &CheckArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Verdict> {
    let levels = args.levels()?;
    let mut summary = Summary::default();
    #[cfg(feature = "store")]
    let mut specs = Vec::new();
    for file in &args.files {
        let file = &disk::file_of_machines(file);
        let result = load_with(file, &Disk::default(), &levels);
        let lock = result.as_ref().ok().and_then(|loaded| Lock::judge(file, &loaded.spec, &Disk::default()));
        summary.add(&result, lock.as_ref());
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&document(file, &result, lock.as_ref()))?)?;
        } else {
            print(&result, lock.as_ref(), err)?;
        }
        #[cfg(feature = "store")]
        specs.extend(result.map(|loaded| loaded.spec));
    }
    #[cfg(feature = "store")]
    if let Some(database) = &args.against {
        // What a file with errors has is not known, and so neither is what it lacks.
        if specs.len() == summary.n_files {
            summary.n_errors += against::tell(database, &specs, args.json, out, err)?;
        }
    }
    if !args.json {
        writeln!(out, "{}", summary.line())?;
    }
    Ok(if summary.n_errors == 0 { Verdict::Good } else { Verdict::Bad })
}

fn print(result: &Result<Loaded, Report>, lock: Option<&Judgement>, err: &mut dyn Write) -> anyhow::Result<()> {
    let report = report(result);
    let is_styled = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let text = if is_styled { report.render_styled() } else { report.render() };
    err.write_all(text.as_bytes())?;
    let Some(lock) = lock else { return Ok(()) };
    for (severity, told) in [("error", &lock.errors), ("warning", &lock.warnings)] {
        told.iter().try_for_each(|told| writeln!(err, "{severity}: {told}\n"))?;
    }
    Ok(())
}

fn report(result: &Result<Loaded, Report>) -> &Report {
    match result {
        Ok(loaded) => &loaded.warnings,
        Err(report) => report,
    }
}

/// What was found in all files.
#[derive(Default)]
struct Summary {
    n_files: usize,
    n_machines: usize,
    n_errors: usize,
    n_warnings: usize,
}

impl Summary {
    fn add(&mut self, result: &Result<Loaded, Report>, lock: Option<&Judgement>) {
        let diagnostics = report(result).diagnostics();
        let n_errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        self.n_files += 1;
        self.n_machines += result.as_ref().map_or(0, |loaded| loaded.spec.machines.len());
        self.n_errors += n_errors + lock.map_or(0, |lock| lock.errors.len());
        self.n_warnings += diagnostics.len() - n_errors + lock.map_or(0, |lock| lock.warnings.len());
    }

    fn line(&self) -> String {
        let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
        format!(
            "{} checked, {} usable: {}, {}",
            count(self.n_files, "file"),
            count(self.n_machines, "machine"),
            count(self.n_errors, "error"),
            count(self.n_warnings, "warning"),
        )
    }
}

/// What `--json` prints for one file.
#[derive(Serialize)]
struct Document<'a> {
    file: &'a str,
    ok: bool,
    root_url: Option<&'a str>,
    diagnostics: Vec<DiagnosticDocument<'a>>,
    machines: Vec<MachineOutline<'a>>,
    lock: Option<LockDocument<'a>>,
}

/// What the lock beside the file says of it.
#[derive(Serialize)]
struct LockDocument<'a> {
    file: &'a str,
    errors: &'a [String],
    warnings: &'a [String],
}

#[derive(Serialize)]
struct DiagnosticDocument<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

fn document<'a>(file: &'a str, result: &'a Result<Loaded, Report>, lock: Option<&'a Judgement>) -> Document<'a> {
    let spec = result.as_ref().ok().map(|loaded| &loaded.spec);
    Document {
        file,
        ok: spec.is_some() && lock.is_none_or(|lock| lock.errors.is_empty()),
        root_url: spec.map(|spec| spec.root_url.as_str()),
        diagnostics: report(result).diagnostics().iter().map(diagnostic_document).collect(),
        machines: spec.map(outline).unwrap_or_default(),
        lock: lock.map(|lock| LockDocument { file: &lock.lock, errors: &lock.errors, warnings: &lock.warnings }),
    }
}

fn diagnostic_document(diagnostic: &Diagnostic) -> DiagnosticDocument<'_> {
    let place = &diagnostic.place;
    DiagnosticDocument {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        file: &place.file,
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}
