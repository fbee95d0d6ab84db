//! What `census` cannot work with, it says, and leaves as it was.

use std::{fs, path::Path};

use rusqlite::Connection;

use crate::{
    program::{self, Ended},
    tree::Tree,
};

#[test]
fn a_directory_that_does_not_exist() {
    let tree = Tree::new();
    let missing = tree.home().join("missing");
    count(&missing, &tree.home().join("new.db")).refused(&["error: cannot read the directory", "missing"]);
    assert!(!tree.home().join("new.db").exists(), "nothing was begun");
}

#[test]
fn a_file_instead_of_a_directory() {
    let tree = Tree::new();
    let file = tree.home().join("file");
    fs::write(&file, "text").unwrap();
    count(&file, &tree.home().join("new.db")).refused(&["is no directory", "file"]);
}

#[test]
fn a_file_that_is_no_database() {
    let tree = Tree::of_small_crates(1, 1);
    let db = tree.home().join("diary.db");
    fs::write(&db, "Dear diary, this is no database.\n".repeat(100)).unwrap();
    assert_untouched(&db, || count(&tree.crates(), &db).refused(&["diary.db", "not a database"]));
}

#[test]
fn a_database_of_a_newer_fantasm() {
    let tree = Tree::of_small_crates(1, 1);
    let db = tree.home().join("newer.db");
    count(&tree.crates(), &db).successful();
    let connection = Connection::open(&db).unwrap();
    connection.execute("INSERT INTO fantasm_schema (version) VALUES (999)", []).unwrap();
    connection.close().unwrap();
    assert_untouched(&db, || count(&tree.crates(), &db).refused(&["newer.db", "999", "newer"]));
}

#[test]
fn a_database_in_a_folder_that_does_not_exist() {
    let tree = Tree::of_small_crates(1, 1);
    let db = tree.home().join("missing/census.db");
    count(&tree.crates(), &db).refused(&["missing/census.db"]);
    assert!(!tree.home().join("missing").exists());
}

#[test]
fn an_option_that_does_not_exist() {
    let tree = Tree::new();
    program::run("census", tree.home(), ["--jsn"]).refused(&["--jsn", "--json"]);
}

fn count(dir: &Path, db: &Path) -> Ended {
    let home = db.ancestors().find(|dir| dir.is_dir()).unwrap();
    program::run("census", home, [dir.as_os_str(), "--db".as_ref(), db.as_os_str()])
}

#[track_caller]
fn assert_untouched(file: &Path, work: impl FnOnce()) {
    let before = fs::read(file).unwrap();
    work();
    assert!(fs::read(file).unwrap() == before, "{} was changed", file.display());
}
