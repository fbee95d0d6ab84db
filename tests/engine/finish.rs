//! A machine that starts when an instance of another has ended.

use fantasm::{
    InstanceId, fsm_action,
    store::{Instance, InstanceStatus},
    testing::StepWorker,
};
use fantasm_tests::{World, on_every_store};

use crate::machines::{self, Order, order, receipt};

#[fsm_action]
pub(crate) async fn take(cx: &mut order::Context) -> fantasm::Result<()> {
    cx.cents *= 2;
    if cx.cents == 0 { Err(fantasm::Error::halt("nothing was ordered")) } else { Ok(()) }
}

#[fsm_action]
pub(crate) async fn write(cx: &mut receipt::Context) {
    cx.text = format!("{} {} {}: {} ({})", cx.machine, cx.instance, cx.status, cx.context.cents, cx.reason);
}

on_every_store! {
    the_end_of_an_instance_starts_the_machine_that_fsm_yaml_names
}

async fn the_end_of_an_instance_starts_the_machine_that_fsm_yaml_names(world: World) {
    let mut worker = world.worker(machines::all());
    for (cents, told) in [(4, "finished: 8 ()"), (0, "halted: 0 (nothing was ordered)")] {
        let run = worker.client().start(Order { cents }).await.unwrap();
        worker.run_until_idle().await.unwrap();
        assert!(run.history().await.unwrap().is_empty(), "the machine keeps none");
        let receipt = next(&worker, run.id()).await;
        assert_eq!((&*receipt.machine, receipt.status), ("Receipt", InstanceStatus::Finished));
        assert_eq!(receipt.parent, Some(run.id()));
        let text = format!("Order {} {told}", run.id());
        assert!(receipt.context.contains(&text), "{text} is not in {}", receipt.context);
    }
    world.backend.assert_no_work_left();
}

/// The instance that was started after another; a store may skip numbers.
async fn next(worker: &StepWorker, id: InstanceId) -> Instance {
    for number in id.0 + 1..id.0 + 10 {
        if let Ok(instance) = worker.client().run(InstanceId(number)).inspect().await {
            return instance;
        }
    }
    panic!("nothing was started after {id}");
}
