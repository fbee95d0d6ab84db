//! Files as fantasm-spec asks for them.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::Path,
};

use fantasm_spec::{Files, MAX_FILE_BYTES, ReadError};

/// Reads files from the disk, for [`fantasm_spec::load`], and remembers what it has read.
///
/// Paths are relative to the directory of the process, which of a build script is its package.
#[derive(Debug)]
pub struct Disk {
    hash: Cell<u64>,
    texts: RefCell<Texts>,
}

/// Files by their paths.
#[derive(Debug, Default)]
pub(crate) struct Texts(BTreeMap<String, String>);

// FNV-1a, because the hash stands in generated files: it must be the same on every machine, and need not resist anybody.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

impl Default for Disk {
    fn default() -> Self {
        Self { hash: Cell::new(FNV_OFFSET), texts: RefCell::default() }
    }
}

impl Disk {
    /// The hash of everything read so far.
    pub(crate) fn hash(&self) -> u64 {
        self.hash.get()
    }

    /// Everything read so far, in one text that [`Texts::parse`] takes apart.
    pub(crate) fn texts(&self) -> String {
        let texts = self.texts.borrow();
        texts.0.iter().map(|(path, text)| format!("{path}{PART}{text}{PART}")).collect()
    }
}

/// No text that is YAML holds a NUL.
const PART: char = '\0';

impl Texts {
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.split(PART);
        Self(std::iter::from_fn(|| Some((parts.next()?.to_owned(), parts.next()?.to_owned()))).collect())
    }
}

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or(ReadError::NotFound)
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let unreadable = |error: std::io::Error| match error.kind() {
            // A folder on the way that is a file is a path that leads nowhere too.
            ErrorKind::NotFound | ErrorKind::NotADirectory => ReadError::NotFound,
            _ => ReadError::Unreadable(error.to_string()),
        };
        let mut bytes = Vec::new();
        // One byte more than is allowed tells that a file is too large, without reading all of it.
        let limit = u64::try_from(MAX_FILE_BYTES).map_or(u64::MAX, |limit| limit + 1);
        File::open(path).map_err(unreadable)?.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
        let hash = bytes.iter().fold(self.hash(), |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME));
        self.hash.set(hash);
        self.texts.borrow_mut().0.insert(path.to_owned(), String::from_utf8_lossy(&bytes).into_owned());
        Ok(bytes)
    }

    fn names_beside(&self, path: &str) -> Vec<String> {
        let folder = match Path::new(path).parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect::<Vec<_>>();
        names.sort_unstable();
        names
    }
}
