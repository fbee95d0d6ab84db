//! Which joins go first of those that wait for all other branches.

use crate::{
    engine::commit::Closing,
    machine::{MachineDescriptor, StateDescriptor},
};

/// How many joins lead to the one in the state of the index `at` without being led to by it.
///
/// A join that leads to another has a lower rank than that, so that it has fired when the other does; those in a circle lead
/// to each other, and have one rank.
pub(super) fn rank(machine: &MachineDescriptor, at: usize) -> u32 {
    let onward = machine.states.iter().map(ways).collect::<Vec<_>>();
    let mut back = vec![Vec::new(); onward.len()];
    for (from, to) in onward.iter().enumerate().flat_map(|(from, ways)| ways.iter().map(move |to| (from, *to))) {
        back[to].push(from);
    }
    let (later, earlier) = (reached(&onward, at), reached(&back, at));
    let is_before = |other: &usize| earlier[*other] && !later[*other] && is_join(&machine.states[*other]);
    u32::try_from((0..onward.len()).filter(is_before).count()).unwrap_or(u32::MAX)
}

fn is_join(state: &StateDescriptor) -> bool {
    state.fan_in.is_some_and(|fan_in| fan_in.closing == Closing::Alone)
}

/// The states that a branch may come to from this one in one step. A fan-in that fails leads nowhere.
fn ways(state: &StateDescriptor) -> Vec<usize> {
    let on_failure = state.on_failure.filter(|_| state.fan_in.is_none());
    state.transitions.iter().map(|transition| transition.to).chain(on_failure).collect()
}

/// The states that `ways` lead to from `start`, in any number of steps.
fn reached(ways: &[Vec<usize>], start: usize) -> Vec<bool> {
    let mut is_reached = vec![false; ways.len()];
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        for to in &ways[at] {
            if !std::mem::replace(&mut is_reached[*to], true) {
                open.push(*to);
            }
        }
    }
    is_reached
}

#[cfg(test)]
mod tests {
    use super::rank;
    use crate::machine::{MachineDescriptor, StateDescriptor, TransitionDescriptor};

    const fn to(state: usize) -> TransitionDescriptor {
        TransitionDescriptor::new("go", state)
    }

    const fn join(name: &'static str, transitions: &'static [TransitionDescriptor]) -> StateDescriptor {
        StateDescriptor::new(name).fan_in_all(None).transitions(transitions)
    }

    const fn plain(name: &'static str, transitions: &'static [TransitionDescriptor]) -> StateDescriptor {
        StateDescriptor::new(name).transitions(transitions)
    }

    fn ranks(states: &'static [StateDescriptor]) -> Vec<u32> {
        let machine = MachineDescriptor::new("Machine", states);
        (0..states.len()).filter(|at| states[*at].fan_in.is_some()).map(|at| rank(&machine, at)).collect()
    }

    #[test]
    fn a_join_that_leads_to_another_goes_first() {
        const LAST_FIRST: &[StateDescriptor] =
            &[join("Last", &[]), plain("Way", &[to(0)]), join("Middle", &[to(1)]), join("First", &[to(2)])];
        assert_eq!(ranks(LAST_FIRST), [2, 1, 0]);
        const UNTIED: &[StateDescriptor] = &[plain("Begin", &[to(1), to(2)]), join("A", &[]), join("B", &[])];
        assert_eq!(ranks(UNTIED), [0, 0]);
    }

    #[test]
    fn a_join_goes_after_all_that_lead_to_it() {
        const DIAMOND: &[StateDescriptor] =
            &[join("Top", &[to(1), to(2)]), join("Left", &[to(3)]), join("Right", &[to(3)]), join("End", &[])];
        assert_eq!(ranks(DIAMOND), [0, 1, 1, 3]);
    }

    #[test]
    fn joins_in_a_circle_go_together() {
        const CIRCLE: &[StateDescriptor] = &[
            join("In", &[to(1)]),
            join("A", &[to(2)]),
            plain("Way", &[to(3)]),
            join("B", &[to(1), to(4)]),
            join("Out", &[]),
        ];
        assert_eq!(ranks(CIRCLE), [0, 1, 1, 3]);
        const ITSELF: &[StateDescriptor] = &[join("Again", &[to(0), to(1)]), join("Out", &[])];
        assert_eq!(ranks(ITSELF), [0, 1]);
    }

    #[test]
    fn a_failure_is_a_way_but_for_that_of_a_fan_in() {
        const FAILURES: &[StateDescriptor] =
            &[join("Complain", &[to(1)]), plain("Work", &[]).on_failure(2), join("Report", &[]).on_failure(0)];
        assert_eq!(ranks(FAILURES), [0, 1]);
    }

    /// Its windows are gone by the time that joins go.
    #[test]
    fn a_fan_in_by_time_is_a_state_on_the_way() {
        const BY_TIME: &[StateDescriptor] = &[
            join("First", &[to(1)]),
            StateDescriptor::new("Timed").fan_in(1, None).transitions(&[to(2)]),
            join("Last", &[]),
        ];
        let machine = MachineDescriptor::new("Machine", BY_TIME);
        assert_eq!([rank(&machine, 0), rank(&machine, 2)], [0, 1]);
    }
}
