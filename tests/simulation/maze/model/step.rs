//! What becomes of a task, from what its user code set out to do.

use std::time::Duration;

use fantasm::{
    Countdown, RetryPolicy, TaskKey,
    store::{Hop, InstanceStatus, Lease, StepVerdict, StoreError, StoreErrorKind, Verdict},
};
use jiff::Timestamp;

use super::{
    Body, Item, Model, Row, Verified,
    branch::{Beginning, due},
    ensure,
};
use crate::maze::intent::{Birth, Ending, Intent, TRAIL, Wish};

/// How many workers in a row may die with a task before it is given up.
pub(crate) const MAX_CRASHES: u32 = 20;

impl Model {
    /// A commit was answered. `verdict` is the engine's, which must be what the model expects.
    pub(crate) fn committed(
        &mut self,
        lease: &Lease,
        verdict: &Verdict,
        intent: &Intent,
        answer: &Result<(), StoreError>,
        now: Timestamp,
    ) -> Verified {
        if answer.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Statement) {
            self.counts.n_doomed += 1;
            let is_due = self.leased(lease).is_some() && intent.is_doomed;
            return ensure(is_due, || format!("the SQL of {lease:?} was refused: {answer:?}"));
        }
        let Some(key) = self.written(lease, answer)? else { return Ok(()) };
        let item = self.tasks.get(&key).cloned().ok_or("a leased task is known")?;
        let given_up = Intent { ending: Ending::Failed { is_permanent: true }, ..Intent::default() };
        let intent = if item.n_crashes < MAX_CRASHES { intent } else { &given_up };
        self.counts.n_deadly += u64::from(item.n_crashes >= MAX_CRASHES);
        self.check_trail(&item, intent)?;
        self.check_batch(&item, intent)?;
        self.counts.n_steps += 1;
        Self::check_order(&item, intent)?;
        let policy = self.policy(&item);
        // Once it is too old it stays so: it may be retried if it was young enough at the earliest time.
        let at = if matches!(verdict, Verdict::Retry { .. }) { item.between[0] } else { item.between[1] };
        let age = Duration::try_from(at.duration_since(item.created_at)).unwrap_or_default();
        let retry = match intent.ending {
            Ending::Failed { is_permanent: false } => policy.next_attempt(item.attempt, age),
            _ => None,
        };
        let is_over_limit = policy.limit.is_some_and(|limit| item.attempt > limit);
        self.counts.n_young += u64::from(is_over_limit && retry.is_some());
        let expected = match (&intent.ending, retry) {
            (Ending::Failed { .. }, Some(_)) => StepVerdict::Retry,
            (Ending::Failed { .. }, None) if self.jump(&item).is_none() => StepVerdict::Fail,
            (Ending::Halted, _) => StepVerdict::Halt,
            _ => StepVerdict::Done,
        };
        let is = match verdict {
            Verdict::Done { .. } => StepVerdict::Done,
            Verdict::Retry { .. } => StepVerdict::Retry,
            Verdict::Fail { .. } => StepVerdict::Fail,
            Verdict::Halt { .. } => StepVerdict::Halt,
        };
        ensure(is == expected, || format!("the step {intent:?} is {is:?}, and not {expected:?}"))?;
        self.record(lease, &item, key, expected, intent, now);
        match expected {
            StepVerdict::Retry => {
                let Some(item) = self.tasks.get_mut(&key) else { return Ok(()) };
                (item.held, item.due) = (None, due(now, retry.unwrap_or_default()));
                item.n_crashes = 0;
            }
            StepVerdict::Fail => {
                let Some(failed) = self.tasks.get_mut(&key) else { return Ok(()) };
                (failed.held, failed.is_failed) = (None, true);
                self.counts.n_given_up += 1;
                self.end_branch(item.instance, None, now);
            }
            StepVerdict::Halt => self.end(item.instance, InstanceStatus::Halted, now),
            _ => self.done(key, &item, intent, now)?,
        }
        self.touched.insert(item.instance);
        Ok(())
    }

    /// User code of a fan-in was handed its packages, all of them and no others.
    fn check_batch(&mut self, item: &Item, intent: &Intent) -> Verified {
        let (Body::Window { packages, .. }, Some(batch)) = (&item.body, &intent.batch) else { return Ok(()) };
        self.counts.n_batches += 1;
        ensure(batch == packages, || format!("user code was handed {batch:?}, and not {packages:?}"))
    }

    /// The action was run, if there is one, and the next page was made before.
    fn check_order(item: &Item, intent: &Intent) -> Verified {
        let (next, is_made) = (&intent.next_page, intent.next_page.is_none() || item.is_advanced);
        ensure(is_made || intent.log.is_empty(), || format!("an action ran before the next page {next:?} was made"))?;
        if matches!(intent.ending, Ending::Failed { .. } | Ending::Halted) {
            return Ok(());
        }
        ensure(is_made, || format!("the next page {next:?} was never made"))?;
        // Every state of these machines has an action.
        let is_run = !matches!(intent.ending, Ending::Passed) || item.hop.to().is_none();
        ensure(is_run, || format!("no action was run of {:?}", item.hop))
    }

    /// User code has read the header that the instance was started with.
    fn check_trail(&self, item: &Item, intent: &Intent) -> Verified {
        let Some(trail) = &intent.trail else { return Ok(()) };
        let expected = self.instances[item.instance].headers.get(TRAIL);
        ensure(trail.as_deref() == expected, || format!("user code has read {trail:?}, and not {expected:?}"))
    }

    fn policy(&self, item: &Item) -> RetryPolicy {
        let machine = self.instances[item.instance].machine;
        let from = item.hop.from().and_then(|from| machine.state(from));
        let transition = from.zip(item.hop.event()).and_then(|(from, event)| from.transition(event));
        transition.map_or(machine.retry, |transition| transition.retry)
    }

    /// The state that takes over after a failure.
    fn jump(&self, item: &Item) -> Option<usize> {
        let machine = self.instances[item.instance].machine;
        let state = item.hop.to().and_then(|to| machine.state(to))?;
        state.on_failure.filter(|_| matches!(item.body, Body::Context(_)))
    }

    fn record(
        &mut self,
        lease: &Lease,
        item: &Item,
        key: TaskKey,
        verdict: StepVerdict,
        intent: &Intent,
        now: Timestamp,
    ) {
        let saga = &mut self.instances[item.instance];
        saga.history.push(Row {
            task: self.ids.get(&key).copied().unwrap_or(lease.task),
            hop: item.hop.clone(),
            token: item.token.clone(),
            attempt: item.attempt,
            verdict,
            worker: lease.worker,
            started_at: item.held.map_or(now, |held| held.since),
            ended_at: now,
        });
        self.past.push(format!("{now} {} {:?} {verdict:?}", item.instance, item.hop));
        if saga.machine.has_log {
            saga.log.extend(intent.log.iter().cloned());
        }
    }

    /// The task goes away, and what follows comes instead.
    fn done(&mut self, key: TaskKey, item: &Item, intent: &Intent, now: Timestamp) -> Verified {
        self.tasks.remove(&key);
        let machine = self.instances[item.instance].machine;
        let own = match &item.body {
            Body::Context(context) => context.clone(),
            Body::Window { packages, .. } => packages.first().cloned().unwrap_or_default(),
        };
        let context = match &intent.ending {
            Ending::Emitted { event, contexts } => {
                self.emit(key, item, event, contexts, intent.queue.as_deref(), now)?;
                contexts.first().cloned().unwrap_or_default()
            }
            Ending::Ended { context } => {
                let state = item.hop.to().and_then(|to| machine.state(to)).ok_or("the state that ended is known")?;
                if state.has_exit {
                    let hop = Hop::Exit { from: state.name.to_owned() };
                    let queue = intent.queue.as_ref().unwrap_or(&item.queue);
                    let exit = Self::onward(item, hop, context.clone(), queue, now);
                    let exit = Item { target: item.target.clone(), ..exit };
                    self.tasks.insert(key.child("exit", 0), exit);
                }
                context.clone()
            }
            Ending::Failed { .. } => {
                let to = &machine.states[self.jump(item).ok_or("some state takes over")?];
                let from = item.hop.to().unwrap_or_default().to_owned();
                let hop = Hop::Jump { from, to: to.name.to_owned() };
                let jump = Self::onward(item, hop, own.clone(), &item.queue, now);
                let (queue_override, target) = (item.queue_override.clone(), item.target.clone());
                let jump = Item { has_cause: true, queue_override, target, ..jump };
                self.enter(to, key.child("failure", 0), jump, now);
                own
            }
            Ending::Passed | Ending::Skipped | Ending::Halted => own,
        };
        if !matches!(intent.ending, Ending::Failed { .. }) {
            ensure(!intent.is_doomed, || format!("the step {intent:?} is done without its SQL"))?;
            self.counts.n_effects += intent.effects.len() as u64;
            self.effects.extend(&intent.effects);
            self.bear(key, item.instance, &intent.births, now);
        }
        self.end_branch(item.instance, Some(context), now);
        Ok(())
    }

    /// The branch and its forks follow the event.
    fn emit(
        &mut self,
        key: TaskKey,
        item: &Item,
        event: &str,
        contexts: &[String],
        queue: Option<&str>,
        now: Timestamp,
    ) -> Verified {
        let machine = self.instances[item.instance].machine;
        let state = item.hop.to().and_then(|to| machine.state(to)).ok_or("the state that emitted is known")?;
        let transition = state.transition(event).ok_or("the event that was emitted is known")?;
        let to = &machine.states[transition.to];
        let queue = queue.map(str::to_owned).or_else(|| item.queue_override.clone());
        for (branch, context) in contexts.iter().enumerate() {
            let (from, event) = (state.name.to_owned(), event.to_owned());
            let hop = Hop::Transition { from, event, to: to.name.to_owned() };
            let next = Self::onward(item, hop, context.clone(), queue.as_deref().unwrap_or(transition.queue), now);
            let (delay, spread) = match transition.countdown {
                Countdown::Fixed(delay) => (delay, Duration::ZERO),
                Countdown::Between { minimum, maximum } => {
                    (Duration::from_secs(minimum), Duration::from_secs(maximum - minimum))
                }
                other => return Err(format!("nobody knows how long {other:?} is")),
            };
            let target = transition.target.map(str::to_owned);
            let next = Item { due: due(now, delay), spread, queue_override: queue.clone(), target, ..next };
            self.enter(to, key.child("branch", branch), next, now);
        }
        Ok(())
    }

    fn bear(&mut self, key: TaskKey, parent: usize, births: &[Birth], now: Timestamp) {
        for (ordinal, birth) in births.iter().enumerate() {
            let Birth { machine, context, key: name, delay } = birth.clone();
            let (root, headers) = (key.child("spawn", ordinal), self.instances[parent].headers.clone());
            let (parent, wish) = (Some(parent), Wish { headers, delay, ..Wish::default() });
            self.begin(Beginning { root, machine, key: name, parent, context, wish }, now);
        }
    }
}
