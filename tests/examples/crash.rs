//! `census` killed with kill -9 at random moments: started again it goes on, and ends with the right totals.

use std::{env, path::Path, time::Duration};

use rusqlite::Connection;

use crate::{
    census::json,
    program::{self, Running},
    tree::Tree,
};

/// How many kills must hit a count in the middle.
const N_KILLS: u32 = 5;

#[test]
fn a_count_that_is_killed_five_times_ends_with_the_right_totals() {
    let seed = env::var("FANTASM_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    let replay = format!(
        "replay: FANTASM_SEED={seed} cargo test -p fantasm-tests --test examples killed_five_times (moments are the same, \
         what happens in them need not be)"
    );
    let mut random = fastrand::Rng::with_seed(seed);
    let tree = Tree::of_small_crates(60, 120);
    let uninterrupted = time_of(|| {
        let ended = start(&tree, &tree.home().join("uninterrupted.db")).wait().successful();
        assert_eq!(json(&ended), tree.counts());
    });

    let db = tree.home().join("killed.db");
    let (mut n_hits, mut moments) = (0, Vec::new());
    while n_hits < N_KILLS {
        let moment = uninterrupted.mul_f64(random.f64() * 0.9);
        moments.push(moment);
        match start(&tree, &db).kill_after(moment) {
            None => n_hits += 1,
            // All was counted before the kill; the next start begins another count.
            Some(ended) => assert_eq!(json(&ended.successful()), tree.counts(), "{replay}"),
        }
        assert!(moments.len() < 100, "of {uninterrupted:?} none is left to be killed in; {replay}");
    }

    let ended = start(&tree, &db).wait();
    assert!(ended.status.success(), "killed after {moments:?}: {}; {replay}", ended.stderr);
    assert_eq!(json(&ended), tree.counts(), "killed after {moments:?}; {replay}");
    assert!(ended.stderr.contains("verified"), "{}; {replay}", ended.stderr);
    assert_eq!(left_over(&db), 0, "killed after {moments:?}; {replay}");
}

/// Counts what an instance that has finished must not leave behind; the sweeper of old instances never finishes.
fn left_over(db: &Path) -> i64 {
    const SQL: &str = "
        SELECT (SELECT count(*) FROM fantasm_task WHERE machine <> 'fantasm.Retention') + (SELECT count(*) FROM fantasm_window)
             + (SELECT count(*) FROM fantasm_work_package)
             + (SELECT count(*) FROM fantasm_instance WHERE machine <> 'fantasm.Retention'
                                                               AND (status <> 'finished' OR n_live <> 0))";
    Connection::open(db).unwrap().query_row(SQL, [], |row| row.get(0)).unwrap()
}

fn start(tree: &Tree, db: &Path) -> Running {
    let dir = tree.crates();
    let args = [dir.as_os_str(), "--json".as_ref(), "--verify".as_ref(), "--db".as_ref(), db.as_os_str()];
    program::start("census", tree.home(), args)
}

#[expect(clippy::disallowed_methods, reason = "the processes of this test live in real time")]
fn time_of(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}
