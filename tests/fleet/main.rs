//! Many workers as real processes, which are killed and stopped at random: nothing is lost, nothing is doubled.

#![cfg(test)]

mod depot;
mod fleet;
#[allow(dead_code, reason = "the workers that do it are processes of their own")]
mod haul;

use std::time::Duration;

use fantasm::Client;

use self::{
    depot::Depot,
    fleet::{Fleet, Harm},
    machines::Haul,
};

#[allow(dead_code, reason = "the workers that run them are processes of their own")]
mod machines {
    include!(concat!(env!("OUT_DIR"), "/fleet/fantasm.rs"));
}

/// How many instances are started, unless `FANTASM_FLEET` says otherwise.
const N_INSTANCES: usize = 600;

/// What each of them is to do.
const HAUL: Haul = Haul { regions: 2, shops: 3, parcels: 3, weight: 0 };

#[tokio::test]
async fn a_fleet_that_is_killed_and_stopped_counts_right_on_sqlite() {
    haul_all(&Depot::sqlite().await, N_INSTANCES, &[Harm::Kill, Harm::Kill, Harm::Stop]).await;
}

/// The server crashes as well, hangs up, has too few connections for all and is slow to commit, and the workers' clocks
/// are wrong.
#[tokio::test]
async fn a_fleet_that_is_killed_and_stopped_counts_right_on_postgres() {
    let harms = [Harm::Kill, Harm::Kill, Harm::Kill, Harm::Stop, Harm::HangUp, Harm::HangUp, Harm::Restart];
    haul_all(&Depot::postgres().await, N_INSTANCES / 4, &harms).await;
}

async fn haul_all(depot: &Depot, n_instances: usize, harms: &[Harm]) {
    let n_instances = std::env::var("FANTASM_FLEET").map_or(n_instances, |number| number.parse().unwrap());
    let client = Client::new(depot.store());
    let mut runs = Vec::new();
    while runs.len() < n_instances {
        runs.extend(client.start_all(vec![HAUL; (n_instances - runs.len()).min(500)]).await.unwrap());
    }
    let mut fleet = Fleet::launch(depot, 4);
    while depot.n_active() > 0 {
        let pause = Duration::from_millis(fleet.random(150..700));
        fleet.wait(pause).await;
        let drawn = fleet.random(0..u64::try_from(harms.len()).unwrap());
        fleet.harm(harms[usize::try_from(drawn).unwrap()], depot).await;
    }
    let deeds = fleet.end();
    depot.audit(n_instances, &HAUL);
    depot.tell(&deeds);
}
