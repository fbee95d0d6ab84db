//! What a crash sweep tells of instances besides the one that it starts.

use std::sync::Arc;

use fantasm::{
    Machine,
    store::{InstanceStatus, MemoryStore},
    testing::{Coverage, CrashSweep, ManualClock, Scenario},
};

use crate::machines::{self, Errand, Order};

#[tokio::test]
async fn a_sweep_covers_instances_that_were_spawned() {
    let coverage = sweep(&Errand::default(), "Errand").await;
    assert_eq!(taken(&coverage, "Errand"), [2, 2], "{coverage}");
}

/// Of a machine that keeps no history, too.
#[tokio::test]
async fn a_sweep_covers_what_follows_an_end() {
    let coverage = sweep(&Order { cents: 4 }, "Receipt").await;
    assert_eq!((taken(&coverage, "Order"), taken(&coverage, "Receipt")), (vec![1], vec![1]), "{coverage}");
}

/// Sweeps over an instance after which one other runs, and answers which ways were taken.
async fn sweep<M: Machine>(context: &M, other: &str) -> Coverage {
    let sweep = CrashSweep::new(async || {
        let clock = Arc::new(ManualClock::new());
        let store = MemoryStore::with_clock(clock.clone());
        Ok(Scenario::new(store, clock, ()).machines(machines::all()).start(context.clone()))
    });
    let check = async |end: fantasm::testing::End<()>| {
        assert_eq!(end.others.len(), 1, "{end}");
        let after = end.others[0].inspect().await.unwrap();
        let told = (after.machine.as_str(), after.parent, after.status);
        assert_eq!(told, (other, Some(end.instance.id), InstanceStatus::Finished), "{end}");
    };
    sweep.run(check).await.unwrap().coverage
}

/// How often each way of a machine was taken.
fn taken(coverage: &Coverage, machine: &str) -> Vec<u64> {
    coverage.ways().into_iter().filter(|way| way.machine == machine).map(|way| way.n_steps).collect()
}
