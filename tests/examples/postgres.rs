//! The example programs on PostgreSQL, by the URL alone.

use fantasm_tests::{Cluster, psql};

use crate::{
    analytics,
    census::{census_at, json},
    quickstart,
    tree::Tree,
};

#[test]
fn quickstart_runs_by_url() {
    quickstart::mails_once(&[&Cluster::shared().database("quickstart")]);
}

#[test]
fn analytics_runs_by_url() {
    let url = Cluster::shared().database("analytics");
    for n_accounts in ["60", "85"] {
        let total = |line: &str| {
            let columns: Vec<&str> = line.split('|').collect();
            (columns[0].to_owned(), columns[1].parse().unwrap(), columns[2].parse().unwrap())
        };
        let counted = analytics::counted(std::env::temp_dir().as_path(), n_accounts, url.as_ref());
        assert_eq!(counted, psql(&url, analytics::TOTALS).lines().map(total).collect::<Vec<_>>(), "of {n_accounts}");
        assert!(!counted.is_empty());
    }
}

#[test]
fn census_runs_by_url() {
    let (url, mut tree) = (Cluster::shared().database("census"), Tree::of_odd_crates());
    for late in ["late", "later"] {
        let ended = census_at(&tree, url.as_ref(), &["--json", "--verify"]).successful();
        assert_eq!(json(&ended), tree.counts());
        assert!(ended.stderr.contains("verified"), "{}", ended.stderr);
        tree.add_crate(late);
        tree.add_file(format!("{late}/src/lib.rs"), "one\ntwo\n");
    }
    let left = "SELECT count(*) FROM fantasm.task WHERE machine <> 'fantasm.Retention'";
    assert_eq!(psql(&url, left), "0");
}
