//! Which states can be reached from which.

use crate::model::{Machine, State, StateId};

/// A set of states of one machine.
pub(super) struct States(Vec<bool>);

impl States {
    pub(super) fn contains(&self, id: StateId) -> bool {
        self.0.get(id.index()).copied().unwrap_or_default()
    }
}

/// The given states and all that their transitions lead to, in any number of steps.
pub(super) fn reachable_from(machine: &Machine, start: impl IntoIterator<Item = StateId>) -> States {
    closure(&successors(machine), start)
}

/// The given states and all from which transitions lead to them, in any number of steps.
pub(super) fn leading_to(machine: &Machine, end: impl IntoIterator<Item = StateId>) -> States {
    let mut predecessors = vec![Vec::new(); machine.states.len()];
    for (from, state) in machine.states_with_ids() {
        for next in next(state) {
            predecessors[next.index()].push(from);
        }
    }
    closure(&predecessors, end)
}

/// Whether some transitions lead from a state back to it.
pub(super) fn is_on_cycle(machine: &Machine, id: StateId) -> bool {
    reachable_from(machine, next(&machine[id])).contains(id)
}

fn successors(machine: &Machine) -> Vec<Vec<StateId>> {
    machine.states.iter().map(|state| next(state).collect()).collect()
}

/// Where an instance goes on from a state: by an event, or because the state failed for good.
fn next(state: &State) -> impl Iterator<Item = StateId> {
    state.transitions.iter().map(|transition| transition.to).chain(state.on_failure)
}

fn closure(next: &[Vec<StateId>], start: impl IntoIterator<Item = StateId>) -> States {
    let mut seen = vec![false; next.len()];
    let mut waiting: Vec<StateId> = start.into_iter().collect();
    while let Some(id) = waiting.pop() {
        if !std::mem::replace(&mut seen[id.index()], true) {
            waiting.extend(next[id.index()].iter().copied());
        }
    }
    States(seen)
}
