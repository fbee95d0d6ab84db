//! What defects make of the ways on from a step.

use std::time::Duration;

use fantasm::{
    TaskId, TaskKey,
    store::{Closing, Headers, NewInstance, NewTask, Next},
};

use super::{Broken, Defect, NOWHERE};

impl Broken {
    /// Whether somebody has tried before.
    pub(super) fn is_retried(&self, task: TaskId) -> bool {
        self.claim_of(task).is_some_and(|claim| claim.task.attempt > 1)
    }

    /// What the defect makes of the ways on.
    pub(super) fn follow(&self, task: TaskId, next: &mut Vec<Next>) {
        let is_retried = self.is_retried(task);
        let again = |key: TaskKey| key.child("again", 0);
        match self.defect {
            Defect::TokenLate | Defect::PageAdvancesTwice => {
                let page = self.memory().pages.remove(&task);
                next.extend(page.map(|page| Next::Task(NewTask { key: again(page.key), ..page })));
            }
            Defect::TornCommit if next.len() > 1 => {
                next.pop();
            }
            Defect::ForkLost if next.len() > 1 => {
                next.remove(1);
            }
            Defect::ForksTwice => {
                let fork = next.iter().skip(1).find_map(|next| match next {
                    Next::Task(task) => Some(Next::Task(NewTask { key: again(task.key), ..task.clone() })),
                    Next::Package(package) => Some(Next::Package(package.clone())),
                    Next::Spawn(_) => None,
                });
                next.extend(fork);
            }
            Defect::ForkCountedTwice if next.len() > 1 => {
                let phantom = next.iter().find_map(|next| match next {
                    Next::Task(task) => {
                        Some(NewTask { key: again(task.key), queue: NOWHERE.to_owned(), ..task.clone() })
                    }
                    Next::Package(_) | Next::Spawn(_) => None,
                });
                next.extend(phantom.map(Next::Task));
            }
            Defect::SpawnForgotten if is_retried => next.retain(|next| !matches!(next, Next::Spawn(_))),
            Defect::SpawnedTwice if is_retried => {
                let spawn = next.iter().find_map(|next| match next {
                    Next::Spawn(spawn) => Some(again_unnamed(spawn)),
                    Next::Task(_) | Next::Package(_) => None,
                });
                next.extend(spawn);
            }
            _ => next.iter_mut().for_each(|next| self.alter(next)),
        }
    }

    fn alter(&self, next: &mut Next) {
        match (self.defect, next) {
            (Defect::JoinFiresEarly, Next::Package(package)) if package.closing == Closing::Alone => {
                package.closing = Closing::After { period: Duration::ZERO, max: None };
            }
            (Defect::RanksIgnored, Next::Package(package)) => package.rank = 0,
            (Defect::GroupsMixed, Next::Package(package)) => package.group = None,
            (Defect::FullWindowOpen, Next::Package(package)) => {
                if let Closing::After { max, .. } = &mut package.closing {
                    *max = None;
                }
            }
            (Defect::DelaysDropped, Next::Task(task)) => task.delay = Duration::ZERO,
            (Defect::QueueForgotten, Next::Task(task)) => task.queue_override = None,
            (Defect::HeadersForgotten, Next::Spawn(spawn)) => spawn.headers = Headers::default(),
            _ => {}
        }
    }
}

/// The same instance again, under other keys.
fn again_unnamed(spawn: &NewInstance) -> Next {
    let mut spawn = spawn.clone();
    spawn.key = None;
    match &mut spawn.first {
        Next::Task(task) => task.key = task.key.child("again", 0),
        Next::Package(package) => package.window_key = package.window_key.child("again", 0),
        Next::Spawn(_) => {}
    }
    Next::Spawn(Box::new(spawn))
}
