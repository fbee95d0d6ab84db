//! Which states can be reached from which.

use crate::model::{Machine, State, StateId};

/// A set of states of one machine.
pub(super) struct States(Vec<bool>);

impl States {
    pub(super) fn contains(&self, id: StateId) -> bool {
        self.0.get(id.index()).copied().unwrap_or_default()
    }
}

/// The states that an instance may come to: from where it starts, and from where it is led to by hand when it has failed.
pub(super) fn reachable(machine: &Machine) -> States {
    let by_hand = machine.states_with_ids().filter(|(_, state)| state.is_retried_from).map(|(id, _)| id);
    reachable_from(machine, by_hand.chain([machine.initial]))
}

/// The given states and all that their transitions lead to, in any number of steps.
pub(super) fn reachable_from(machine: &Machine, start: impl IntoIterator<Item = StateId>) -> States {
    closure(&successors(machine), start)
}

/// The given states and all from which transitions lead to them, in any number of steps.
pub(super) fn leading_to(machine: &Machine, end: impl IntoIterator<Item = StateId>) -> States {
    closure(&reversed(&successors(machine)), end)
}

/// Whether some transitions lead from a state back to it.
pub(super) fn is_on_cycle(machine: &Machine, id: StateId) -> bool {
    reachable_from(machine, next(&machine[id])).contains(id)
}

/// The circle of ways that a state is on, if it is on one: what it leads to and what leads back to it.
pub(super) fn circle(next: &[Vec<StateId>], id: StateId) -> Option<States> {
    let after = closure(next, next[id.index()].iter().copied());
    let before = closure(&reversed(next), [id]);
    let is_circle = after.contains(id);
    is_circle.then(|| States(after.0.iter().zip(&before.0).map(|(after, before)| *after && *before).collect()))
}

fn reversed(next: &[Vec<StateId>]) -> Vec<Vec<StateId>> {
    let mut previous = vec![Vec::new(); next.len()];
    for (from, next) in next.iter().enumerate() {
        for to in next {
            previous[to.index()].push(StateId(from));
        }
    }
    previous
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
