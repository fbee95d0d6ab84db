//! `quickstart`, the program of the README.

use crate::program;

#[test]
fn every_subscriber_is_mailed_once() {
    mails_once(&[]);
}

/// Runs it twice with these arguments.
pub(crate) fn mails_once(args: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    let first = program::run("quickstart", home.path(), args).successful().stdout;
    let mails =
        first.lines().filter_map(|line| line.strip_prefix("spring: ")?.strip_suffix(" mails")?.parse::<u32>().ok());
    assert_eq!(mails.sum::<u32>(), 250, "{first}");
    assert_eq!(first.lines().last(), Some("EmailBatch finished"));

    let second = program::run("quickstart", home.path(), args).successful().stdout;
    assert_eq!(second, "EmailBatch finished\n", "a start with the same key starts nothing new");
}
