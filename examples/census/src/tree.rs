//! The directory tree: crates, and the regular files below each.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// How many listings are remembered; each crate is listed again for every batch of its files otherwise.
const MAX_LISTINGS: usize = 64;

/// Sorted names.
type Listing = Arc<[OsString]>;

/// Lists directories, and remembers the latest listings.
#[derive(Debug, Default)]
pub(crate) struct Tree(Mutex<BTreeMap<PathBuf, Listing>>);

impl Tree {
    /// The names of the crates below `root`, sorted.
    pub(crate) async fn crates(&self, root: &Path) -> io::Result<Listing> {
        self.listing(root, crates).await
    }

    /// The paths of the regular files of a crate, relative to it and sorted.
    pub(crate) async fn files(&self, dir: &Path) -> io::Result<Listing> {
        self.listing(dir, files).await
    }

    async fn listing(&self, dir: &Path, list: fn(&Path) -> io::Result<Vec<OsString>>) -> io::Result<Listing> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(dir).cloned();
        if let Some(listing) = known {
            return Ok(listing);
        }
        let path = dir.to_owned();
        let listing: Listing = blocking(move || list(&path)).await?.into();
        let mut known = lock();
        if known.len() >= MAX_LISTINGS {
            known.clear();
        }
        known.insert(dir.to_owned(), Arc::clone(&listing));
        Ok(listing)
    }
}

/// The names of the first-level directories, sorted; links are not followed.
pub(crate) fn crates(root: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root).map_err(|error| at(root, &error))? {
        let entry = entry.map_err(|error| at(root, &error))?;
        if entry.file_type().map_err(|error| at(&entry.path(), &error))?.is_dir() {
            names.push(entry.file_name());
        }
    }
    names.sort();
    Ok(names)
}

/// The regular files below `dir`, relative to it and sorted; links are not followed.
fn files(dir: &Path) -> io::Result<Vec<OsString>> {
    let (mut found, mut pending) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(below) = pending.pop() {
        let path = dir.join(&below);
        for entry in fs::read_dir(&path).map_err(|error| at(&path, &error))? {
            let entry = entry.map_err(|error| at(&path, &error))?;
            let kind = entry.file_type().map_err(|error| at(&entry.path(), &error))?;
            let name = below.join(entry.file_name());
            if kind.is_dir() {
                pending.push(name);
            } else if kind.is_file() {
                found.push(name.into_os_string());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The sources that cargo has unpacked on this machine, or else this workspace.
pub(crate) fn default_dir() -> anyhow::Result<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Ok(unpacked_sources().unwrap_or(workspace))
}

/// The fullest of cargo's source directories: there is one for each registry.
fn unpacked_sources() -> Option<PathBuf> {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo")))?;
    let sources = cargo_home.join("registry/src");
    let registries = crates(&sources).ok()?.into_iter().map(|name| sources.join(name));
    let sized = registries.filter_map(|dir| Some((crates(&dir).ok()?.len(), dir)));
    sized.max().filter(|(n_crates, _)| *n_crates > 0).map(|(_, dir)| dir)
}

/// Runs code that blocks on a thread that may.
pub(crate) async fn blocking<T: Send + 'static, E: From<io::Error> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Says which path an error is about.
pub(crate) fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
