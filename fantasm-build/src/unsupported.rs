//! What fsm.yaml can say and this version of the runtime does not do.
//!
//! What would change a result is refused. What only Fantasm (Python) did, and what a file can do without, is told as a warning, so
//! that its files load as they are.

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

/// What is without effect, each on one line.
pub(crate) fn warnings(spec: &Spec) -> Vec<String> {
    let mut warnings = Vec::new();
    for machine in &spec.machines {
        let of_machine = [(machine.target.is_some(), "target")];
        tell(&mut warnings, &machine.place, &format!("machine `{}`", machine.name), &of_machine);
        for state in &machine.states {
            for transition in &state.transitions {
                let of_transition = [(transition.target != machine.target, "target")];
                tell(&mut warnings, &transition.place, &format!("event `{}`", transition.event), &of_transition);
            }
        }
    }
    warnings.into_iter().map(|warning| format!("{warning}, which is without effect")).collect()
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
