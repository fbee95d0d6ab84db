//! What fsm.yaml can say and this version of the runtime does not do.
//!
//! It is refused, so that nothing a file asks for is passed over.

use fantasm_spec::{Machine, Place, Queue, Spec, State};

/// What is refused, each on one line.
pub(crate) fn errors(spec: &Spec) -> Vec<String> {
    let mut errors = Vec::new();
    for queue in &spec.queues {
        tell(&mut errors, &queue.place, &format!("queue `{}`", queue.name), &of_queue(queue));
    }
    for machine in &spec.machines {
        tell(&mut errors, &machine.place, &format!("machine `{}`", machine.name), &of_machine(machine));
        for state in &machine.states {
            tell(&mut errors, &state.place, &format!("state `{}`", state.name), &of_state(machine, state));
        }
    }
    errors
}

/// An attribute, whether it is there, and what to do in its place.
type Attribute = (bool, &'static str, &'static str);

fn of_queue(queue: &Queue) -> [Attribute; 3] {
    const HELP: &str =
        "remove it; a worker of its own for the queue (`.queues([…])`) runs at most `.concurrency(…)` tasks at once";
    [
        (queue.rate.is_some(), "rate", HELP),
        (queue.bucket_size.is_some(), "bucket_size", HELP),
        (queue.max_concurrent_requests.is_some(), "max_concurrent_requests", HELP),
    ]
}

const PRIORITY: &str =
    "remove it; with a worker of its own for their queue (`.queues([…])`) urgent tasks wait for no others";

fn of_machine(machine: &Machine) -> [Attribute; 2] {
    let schedule = "remove it, and start the machine from your program when it is time";
    [(machine.schedule.is_some(), "schedule", schedule), (machine.priority != 0, "priority", PRIORITY)]
}

fn of_state(machine: &Machine, state: &State) -> [Attribute; 1] {
    // A state inherits the machine's priority, which has been told.
    [(state.priority != machine.priority, "priority", PRIORITY)]
}

fn tell(told: &mut Vec<String>, place: &Place, whose: &str, attributes: &[Attribute]) {
    for (_, attribute, help) in attributes.iter().filter(|(is_present, ..)| *is_present) {
        told.push(format!("{place}: {whose} has `{attribute}`, which this version of fantasm does not do; {help}"));
    }
}
