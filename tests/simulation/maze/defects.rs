//! Engines, stores and workers with a defect each, which a layer makes: every one is found.

use fantasm_tests::Seed;

use super::{defect::Defect, ground::Ground, posts, world, worlds::runtime};

/// So many worlds must be enough to find any defect.
const MAX_SEEDS: u64 = 1_000;

/// `--nocapture` shows it, which names for each defect a world that finds it, and how.
#[expect(clippy::print_stdout, reason = "the report is worth reading when all is well, too")]
fn say(report: &str) {
    println!("{report}");
}

#[test]
fn every_defect_is_found() {
    let runtime = runtime();
    find_all(Defect::ALL, |number, rooms, defect| {
        runtime.block_on(world::run_through(rooms, Seed::rng_of(number), &Ground::memory(), defect)).err()
    });
}

/// Worlds of real workers find what they are for, too.
#[test]
fn defects_are_found_by_real_workers() {
    use Defect::{
        ActionNotRun, CrashesUncounted, DeliveredTwice, LiveWorkerRescued, NextPageNeverMade, NoFence, PackageLost,
        SqlTwice,
    };

    let of_stores = [NoFence, DeliveredTwice, LiveWorkerRescued, PackageLost, SqlTwice, CrashesUncounted];
    let defects = [&of_stores[..], &[NextPageNeverMade, ActionNotRun]].concat();
    find_all(&defects, |number, _, defect| runtime().block_on(posts::run(Seed::rng_of(number), defect)).err());
}

/// Looks in one world after the other until each defect is found; `find` answers which promise is broken in a world where
/// nobody goes other ways than these.
fn find_all(defects: &[Defect], find: impl Fn(u64, &[&str], Option<Defect>) -> Option<String>) {
    let mut report = String::new();
    let mut missed = Vec::new();
    for defect in defects {
        match (0..MAX_SEEDS).find_map(|number| Some((number, find(number, defect.rooms(), Some(*defect))?))) {
            Some((number, words)) => {
                assert_eq!(
                    find(number, defect.rooms(), None),
                    None,
                    "the same world keeps its promises without the defect"
                );
                let line = words.lines().next().unwrap_or_default();
                report += &format!("{defect:?}: seed {number}: {}\n", line.chars().take(140).collect::<String>());
            }
            None => missed.push(defect),
        }
    }
    say(&report);
    assert!(missed.is_empty(), "nobody has found {missed:?}\n{report}");
}
