//! Directories of crates, whose counts are known because they are added up as the files are written.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A directory of crates, in a temporary directory that also has room for a database.
#[derive(Debug)]
pub(crate) struct Tree {
    dir: TempDir,
    n_crates: u64,
    n_files: u64,
    n_bytes: u64,
    n_lines: u64,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("crates")).unwrap();
        Self { dir, n_crates: 0, n_files: 0, n_bytes: 0, n_lines: 0 }
    }

    /// Where the crates are.
    pub(crate) fn crates(&self) -> PathBuf {
        self.home().join("crates")
    }

    /// The temporary directory itself.
    pub(crate) fn home(&self) -> &Path {
        self.dir.path()
    }

    /// Makes a crate without files.
    pub(crate) fn add_crate(&mut self, name: impl AsRef<OsStr>) {
        fs::create_dir(self.crates().join(name.as_ref())).unwrap();
        self.n_crates += 1;
    }

    /// Makes a file of a crate, and its folders.
    pub(crate) fn add_file(&mut self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let (path, text) = (self.crates().join(path), text.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self.n_files += 1;
        self.n_bytes += u64::try_from(text.len()).unwrap();
        self.n_lines += text.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
    }

    /// What `census --json` is to print.
    pub(crate) fn counts(&self) -> Value {
        let Self { n_crates, n_files, n_bytes, n_lines, .. } = self;
        json!({ "crates": n_crates, "files": n_files, "bytes": n_bytes, "lines": n_lines })
    }

    /// Many small crates.
    pub(crate) fn of_small_crates(n_crates: u32, n_files: u32) -> Self {
        let mut tree = Self::new();
        for krate in 0..n_crates {
            let name = format!("crate-{krate:03}");
            tree.add_crate(&name);
            for file in 0..n_files {
                let text = "line\n".repeat(usize::try_from((krate + file) % 7).unwrap());
                tree.add_file(format!("{name}/src/file_{file:03}.rs"), text);
            }
        }
        tree
    }

    /// Everything that is easily counted wrong.
    pub(crate) fn of_odd_crates() -> Self {
        let mut tree = Self::new();
        tree.add_crate("odd");
        tree.add_file("odd/Cargo.toml", "[package]\nname = \"odd\"\nlicense = \"MIT\"\n");
        tree.add_file("odd/no_newline_at_the_end.rs", "one\ntwo");
        tree.add_file("odd/empty.rs", "");
        tree.add_file("odd/windows.txt", "one\r\ntwo\r\n");
        tree.add_file("odd/bytes", [0, 10, 255, 10, 13]);
        tree.add_file("odd/a/b/c/d/deep.rs", "deep\n");
        tree.add_file("odd/.hidden/.file", "hidden\n");
        fs::create_dir(tree.crates().join("odd/empty_folder")).unwrap();
        fs::create_dir(tree.crates().join("odd/a/Cargo.toml")).unwrap();
        tree.add_crate("no files");
        tree.add_crate("only folders");
        fs::create_dir_all(tree.crates().join("only folders/in/folders")).unwrap();
        // Exactly a page of files, one more, and several pages.
        for (name, n_files) in [("page", 200), ("page and one", 201), ("pages", 450)] {
            tree.add_crate(name);
            for file in 0..n_files {
                tree.add_file(format!("{name}/{file}.c"), format!("{file}\n"));
            }
        }
        tree.add_what_does_not_count();
        #[cfg(unix)]
        tree.add_names_that_are_no_text();
        tree
    }

    fn add_what_does_not_count(&self) {
        fs::write(self.crates().join("file_beside_the_crates.rs"), "not\ncounted\n").unwrap();
        fs::write(self.home().join("outside.rs"), "not\ncounted\n").unwrap();
        #[cfg(unix)]
        {
            let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, self.crates().join(at)).unwrap();
            link("../../outside.rs", "odd/link_to_a_file.rs");
            link("..", "odd/link_in_a_circle");
            link("nowhere", "odd/link_to_nothing");
            link("odd", "link_to_a_crate");
        }
    }

    #[cfg(unix)]
    fn add_names_that_are_no_text(&mut self) {
        use std::os::unix::ffi::OsStrExt;
        let (krate, file) = (OsStr::from_bytes(b"no text \xff"), OsStr::from_bytes(b"\xfe.rs"));
        self.add_crate(krate);
        self.add_file(Path::new(krate).join(file), "one\n");
        // The same when what is no text is replaced: the two must not be taken for one.
        self.add_file(Path::new(krate).join("\u{fffd}.rs"), "two\n");
    }
}
