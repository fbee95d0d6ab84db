//! Many workers as real processes, and a monkey that harms them and their server at random: nothing is lost, nothing is
//! doubled, nothing is stuck. `cargo xtask monkey` lets it go on for as long as you like.

#![cfg(test)]

mod crowd;
mod depot;
mod fleet;
mod harm;
#[allow(dead_code, reason = "the workers that do it are processes of their own")]
mod haul;
mod plan;

use std::time::Duration;

use self::{depot::Depot, fleet::Fleet, harm::Deeds, machines::Haul, plan::Plan};

#[allow(dead_code, reason = "the workers that run them are processes of their own")]
mod machines {
    include!(concat!(env!("OUT_DIR"), "/fleet/fantasm.rs"));
}

/// What each of the instances is to do.
const HAUL: Haul = Haul { regions: 2, shops: 2, parcels: 3, weight: 0 };

/// What has not ended so long after the last start is stuck.
const PATIENCE: Duration = Duration::from_secs(300);

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_fleet_that_is_harmed_counts_right_on_sqlite() {
    haul_all(&Depot::sqlite().await, Plan::new(400)).await;
}

/// The workers' clocks are wrong besides.
#[tokio::test]
async fn a_fleet_that_is_harmed_counts_right_on_postgres() {
    haul_all(&Depot::postgres().await, Plan::new(100)).await;
}

async fn haul_all(depot: &Depot, plan: Plan) {
    let (mut fleet, mut deeds) = Fleet::launch(depot, 4);
    tokio::join!(plan.feed(depot.store(), &HAUL), let_loose(&plan, &mut fleet, &mut deeds, depot));
    drop(fleet);
    depot.audit(plan.n_started(), &HAUL);
    depot.tell(&plan, &deeds);
}

/// Harms the fleet until everything is done.
#[expect(clippy::print_stderr, reason = "whoever waits for long wants to see how it goes on")]
async fn let_loose(plan: &Plan, fleet: &mut Fleet, deeds: &mut Deeds, depot: &Depot) {
    let (mut fed_at, mut next_word) = (None, MINUTE);
    while !plan.is_fed() || depot.n_active() > 0 {
        let pause = fleet.random().u64(200..1000);
        harm::pass(Duration::from_millis(pause)).await;
        let harm = depot.harms()[fleet.random().usize(0..depot.harms().len())];
        deeds.harm(harm, fleet, depot).await;
        plan.note_active(depot.n_active());
        if plan.is_fed() {
            let fed_at = *fed_at.get_or_insert_with(|| plan.elapsed());
            assert!(plan.elapsed() < fed_at + PATIENCE, "{} instances are stuck; {deeds}", plan.n_active());
        }
        if plan.elapsed() >= next_word {
            eprintln!("{plan}: {} instances started, {} of them under way; {deeds}", plan.n_started(), plan.n_active());
            next_word += MINUTE;
        }
    }
}
