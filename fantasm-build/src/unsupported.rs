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
    errors.into_iter().map(|error| format!("{error}, which this version of fantasm does not do")).collect()
}

fn of_queue(queue: &Queue) -> [(bool, &'static str); 3] {
    [
        (queue.rate.is_some(), "rate"),
        (queue.bucket_size.is_some(), "bucket_size"),
        (queue.max_concurrent_requests.is_some(), "max_concurrent_requests"),
    ]
}

fn of_machine(machine: &Machine) -> [(bool, &'static str); 2] {
    [(machine.schedule.is_some(), "schedule"), (machine.priority != 0, "priority")]
}

fn of_state(machine: &Machine, state: &State) -> [(bool, &'static str); 1] {
    // A state inherits the machine's priority, which has been told.
    [(state.priority != machine.priority, "priority")]
}

fn tell(told: &mut Vec<String>, place: &Place, whose: &str, attributes: &[(bool, &'static str)]) {
    let present = attributes.iter().filter(|(is_present, _)| *is_present);
    told.extend(present.map(|(_, attribute)| format!("{place}: {whose} has `{attribute}`")));
}
