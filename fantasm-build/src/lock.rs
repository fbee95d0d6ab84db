//! `fantasm.lock` beside fsm.yaml: whether stored instances can live with what fsm.yaml has become.
//!
//! The build only reads the file. `fantasm lock` writes it: a build script that writes among the sources would fail where they
//! are read-only, and would accept every change by itself.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use fantasm_spec::{Lock, Spec};

/// What a lock says of a file, each on one line.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// The lock, if there is one.
    pub(crate) file: Option<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

/// Compares machines with the lock that is kept beside their file; without one, nothing is said.
pub(crate) fn judge(file: &str, spec: &Spec) -> Judgement {
    let path = beside(file);
    let name = path.to_string_lossy().into_owned();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Judgement::default(),
        Err(error) => {
            return Judgement { errors: vec![format!("{name}: {error}")], file: Some(name), ..Judgement::default() };
        }
    };
    let mut judgement = Judgement { file: Some(name.clone()), ..Judgement::default() };
    match Lock::parse(&text) {
        Err(error) => {
            judgement.errors.push(format!("{name}:{}: {}; take the file back as it was", error.line, error.message));
        }
        Ok(lock) => {
            let breaks = lock.breaks(spec);
            judgement.errors.extend(breaks.iter().map(|told| {
                let place = told.place.as_ref().map_or_else(|| file.to_owned(), ToString::to_string);
                format!("{place}: {}, which {name} has; {}", told.message, told.help)
            }));
            if breaks.is_empty() && lock != Lock::of(spec) {
                judgement
                    .warnings
                    .push(format!("{name} does not know all that {file} has; `fantasm lock {file}` writes it"));
            }
        }
    }
    judgement
}

fn beside(file: &str) -> PathBuf {
    Path::new(file).with_file_name("fantasm.lock")
}
