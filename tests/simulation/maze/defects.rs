//! Engines and stores with a defect each: every one is found.

use fantasm_tests::Seed;

use super::{defect::Defect, ground::Ground, world, worlds::runtime};

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
    let mut report = String::new();
    let mut missed = Vec::new();
    for defect in Defect::ALL {
        let find =
            |number: &u64| runtime.block_on(world::run(Seed::rng_of(*number), &Ground::memory(), Some(*defect))).err();
        let found = (0..MAX_SEEDS).find_map(|number| Some((number, find(&number)?)));
        match found {
            Some((number, words)) => {
                // The same world without the defect keeps its promises.
                runtime.block_on(world::run(Seed::rng_of(number), &Ground::memory(), None)).unwrap();
                let line = words.lines().next().unwrap_or_default();
                report += &format!("{defect:?}: seed {number}: {}\n", line.chars().take(140).collect::<String>());
            }
            None => missed.push(defect),
        }
    }
    say(&report);
    assert!(missed.is_empty(), "nobody has found {missed:?}\n{report}");
}
