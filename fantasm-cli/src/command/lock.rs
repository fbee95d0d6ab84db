//! `fantasm lock`: writes down what stored instances rely on.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use fantasm_spec::{Levels, Lock, Spec, load_with};

use super::Verdict;
use crate::args::LockArgs;
use crate::disk::{self, Disk};

pub(crate) fn run(args: &LockArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Verdict> {
    let file = disk::file_of_machines(&args.file);
    let spec = match load_with(&file, &Disk::default(), &Levels::language()) {
        Ok(loaded) => loaded.spec,
        Err(report) => {
            err.write_all(report.render().as_bytes())?;
            return Ok(Verdict::Bad);
        }
    };
    let path = Lock::path_beside(&file);
    let before = read(Path::new(&path))?;
    let known = before.as_ref().filter(|_| !args.accept);
    let after = known.map_or_else(|| Lock::of(&spec), |lock| lock.after(&spec));
    if !args.accept && before.as_ref().is_some_and(|lock| tell_breaks(lock, &spec, [&file, &path], err)) {
        return Ok(Verdict::Bad);
    }
    // What a lock of another name knows would be forgotten.
    let stray = Lock::judge(&file, &spec, &Disk::default()).filter(|_| before.is_none() && !args.accept);
    if let Some(stray) = stray {
        stray.errors.iter().try_for_each(|error| writeln!(err, "error: {error}"))?;
        return Ok(Verdict::Bad);
    }
    if before.as_ref() == Some(&after) {
        writeln!(out, "{path} is up to date")?;
        return Ok(Verdict::Good);
    }
    if args.check {
        writeln!(err, "{path} is behind {file}; `fantasm lock {file}` writes it")?;
        return Ok(Verdict::Bad);
    }
    disk::write(Path::new(&path), &after.to_string())?;
    writeln!(out, "{path} written")?;
    Ok(Verdict::Good)
}

/// Reads the lock, if there is one.
fn read(path: &Path) -> anyhow::Result<Option<Lock>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Lock::parse(&text).with_context(|| format!("`{}` is no lock", path.display()))?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("`{}` cannot be read", path.display())),
    }
}

/// Tells what stored instances could not live with; whether there is anything.
fn tell_breaks(lock: &Lock, spec: &Spec, [file, path]: [&str; 2], err: &mut dyn Write) -> bool {
    let breaks = lock.breaks(spec);
    for told in &breaks {
        let place = told.place.as_ref().map_or_else(|| file.to_owned(), ToString::to_string);
        // What cannot be told is still in the exit status.
        let _ = writeln!(err, "error: {place}: {}\n  help: {}", told.message, told.help);
    }
    if !breaks.is_empty() {
        let _ = writeln!(err, "{path} stays as it is; `--accept` writes it when no stored instance needs it any more");
    }
    !breaks.is_empty()
}
