//! What the tests over folders of cases share.

pub(crate) mod describe;
pub(crate) mod expect;

use std::fs;
use std::path::Path;

use fantasm_spec::{Files, ReadError};

/// The files of one folder.
pub(crate) struct Folder<'a>(pub(crate) &'a Path);

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        fs::read(self.0.join(path)).map_err(|_| ReadError::NotFound)
    }
}
