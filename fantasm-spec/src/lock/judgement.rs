//! What the lock that is kept beside a file says of its machines.

use std::path::Path;

use crate::model::Spec;
use crate::source::{Files, MAX_FILE_BYTES, ReadError};

use super::Lock;

/// What a lock says of the file that it is kept beside, each on one line with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judgement {
    /// The path of the lock.
    pub lock: String,
    /// What stored instances could not live with, or why the lock cannot be read.
    pub errors: Vec<String>,
    /// That the lock does not know all that the file has.
    pub warnings: Vec<String>,
}

impl Lock {
    /// Returns the path of the lock of a file: `fantasm.lock` beside `fsm.yaml`, and beside any other file its name and `.lock`.
    ///
    /// So each file of a folder has its own, and what is gone from one is not looked for in another.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(fantasm_spec::Lock::path_beside("machines/fsm.yaml"), "machines/fantasm.lock");
    /// assert_eq!(fantasm_spec::Lock::path_beside("orders.yaml"), "orders.yaml.lock");
    /// ```
    #[must_use]
    pub fn path_beside(file: &str) -> String {
        let is_usual = Path::new(file).file_name().is_some_and(|name| name == "fsm.yaml");
        if is_usual {
            Path::new(file).with_file_name("fantasm.lock").to_string_lossy().into_owned()
        } else {
            format!("{file}.lock")
        }
    }

    /// Compares machines with the lock that is kept beside their file; without one, there is nothing to say.
    ///
    /// Then a lock of a file that is not there, a `fantasm.lock` without its `fsm.yaml`, is an error: nobody would read it.
    #[must_use]
    pub fn judge(file: &str, spec: &Spec, files: &dyn Files) -> Option<Judgement> {
        let path = Self::path_beside(file);
        let Some(lock) = read(&path, files) else { return stray(file, &path, files) };
        let mut judgement = Judgement { lock: path.clone(), errors: Vec::new(), warnings: Vec::new() };
        match lock {
            Err(error) => judgement.errors.push(error),
            Ok(lock) => {
                let breaks = lock.breaks(spec);
                judgement.errors.extend(breaks.iter().map(|told| {
                    let place = told.place.as_ref().map_or_else(|| file.to_owned(), ToString::to_string);
                    format!("{place}: {} [{path}]; {}", told.message, told.help)
                }));
                if breaks.is_empty() && lock != lock.after(spec) {
                    let warning = format!("{path} does not know all that {file} has; `fantasm lock {file}` writes it");
                    judgement.warnings.push(warning);
                }
            }
        }
        Some(judgement)
    }
}

/// Finds a lock that was of this file when it had another name, or when every folder had one lock.
fn stray(file: &str, path: &str, files: &dyn Files) -> Option<Judgement> {
    let beside = |name: &str| Path::new(file).with_file_name(name).to_string_lossy().into_owned();
    let is_there = |path: &str| files.read(path) != Err(ReadError::NotFound);
    let mut names = files.names_beside(file);
    names.push("fantasm.lock".to_owned());
    let mut strays = names.iter().filter_map(|name| Some((beside(name), owner(name)?)));
    let (lock, owner) = strays.find(|(lock, owner)| lock != path && is_there(lock) && !is_there(&beside(owner)))?;
    Some(Judgement {
        errors: vec![format!(
            "{lock}: this is the lock of a {owner}, which is not there, and {file} has none; rename it to {path}, or remove it \
             if no instance is stored"
        )],
        lock,
        warnings: Vec::new(),
    })
}

/// The name of the file that a lock of this name is of, if it is a name of a lock.
fn owner(lock: &str) -> Option<&str> {
    if lock == "fantasm.lock" {
        return Some("fsm.yaml");
    }
    lock.strip_suffix(".lock").filter(|file| file.ends_with(".yaml") || file.ends_with(".yml"))
}

/// Reads a lock, if there is one; an error says what to do.
fn read(path: &str, files: &dyn Files) -> Option<Result<Lock, String>> {
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(ReadError::NotFound) => return None,
        Err(ReadError::Unreadable(error)) => return Some(Err(format!("{path}: {error}"))),
    };
    let back = "take the file back as it was";
    if bytes.len() > MAX_FILE_BYTES {
        return Some(Err(format!("{path} is larger than 1 MiB; {back}")));
    }
    let Ok(text) = String::from_utf8(bytes) else { return Some(Err(format!("{path} is not UTF-8; {back}"))) };
    Some(Lock::parse(&text).map_err(|error| format!("{path}:{}: {}; {back}", error.line, error.message)))
}
