//! Every interleaving there is: three workers, three pages that meet in fan-ins, two faults anywhere.
//!
//! The engine and the store are the real ones; a worker is the list of its calls, as `worker::dispatch` makes them. The walk
//! takes every call of every worker in every state, and a fault in the place of each: a worker dies, or oversleeps its lease
//! and goes on, or its action fails. States that were seen are not walked again.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZeroU32,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use uuid::Uuid;

use super::{MemoryStore, World, world::TaskStatus};
use crate::{
    answer::Answer,
    clock::{Clock, ManualClock},
    engine::{self, Effects, Ending, Outcome, Start},
    id::{TaskId, TaskKey, WorkerId},
    machine::{MachineDescriptor, StateDescriptor, TransitionDescriptor},
    retry::RetryPolicy,
    store::{
        Claim, Claiming, InstanceStatus, Lease, Notifier, Store, StoreError, StoreErrorKind, StoreFuture, Verdict,
    },
};

const N_WORKERS: usize = 3;
const N_PAGES: usize = 3;
const N_FAULTS: usize = 2;
const LEASE: Duration = Duration::from_secs(1000);

const AT_ONCE: RetryPolicy = RetryPolicy::new().min_backoff(0).max_backoff(0);
const TO_MEET: &[TransitionDescriptor] = &[TransitionDescriptor::new("page", 1).retry(AT_ONCE)];
const PAGES: StateDescriptor = StateDescriptor::new("Pages").continuation().final_state().transitions(TO_MEET);
const MEET: StateDescriptor = StateDescriptor::new("Meet").final_state();
const TO_MEET_OR_END: &[TransitionDescriptor] =
    &[TransitionDescriptor::new("page", 1).retry(AT_ONCE), TransitionDescriptor::new("first", 2).retry(AT_ONCE)];
const TO_END: &[TransitionDescriptor] = &[TransitionDescriptor::new("met", 2).retry(AT_ONCE)];

/// All pages meet once.
static JOIN: MachineDescriptor =
    MachineDescriptor::new("Join", &[PAGES, MEET.fan_in_all(None)]).retry(AT_ONCE).without_history();
/// All but the first meet, and what comes of that meets the first.
static JOINS: MachineDescriptor = MachineDescriptor::new(
    "Joins",
    &[
        PAGES.transitions(TO_MEET_OR_END),
        StateDescriptor::new("Meet").fan_in_all(None).transitions(TO_END),
        StateDescriptor::new("End").final_state().fan_in_all(None),
    ],
)
.retry(AT_ONCE)
.without_history();
/// They meet as they come, two at a time at most.
static WINDOWS: MachineDescriptor =
    MachineDescriptor::new("Windows", &[PAGES, MEET.fan_in_max(0, 2, None)]).retry(AT_ONCE).without_history();

/// Everything that there is at one moment.
#[derive(Debug, Clone)]
struct Moment {
    world: World,
    workers: [Life; N_WORKERS],
    n_faults: usize,
    /// The batches of the fan-ins that were committed and lead nowhere.
    batches: Vec<Vec<String>>,
    defect: Option<Defect>,
}

/// One worker: how often it has begun anew, and what it has in hand.
#[derive(Debug, Clone)]
struct Life {
    number: usize,
    generation: usize,
    hand: Hand,
}

#[derive(Debug, Clone)]
enum Hand {
    Empty,
    /// A task that was claimed.
    Claimed(Claim),
    /// A page whose next page has its task, or a fan-in with its packages: only the commit is left.
    Ready(Claim, Vec<String>),
}

impl Hand {
    fn claim(&self) -> Option<(u8, &Claim)> {
        match self {
            Self::Empty => None,
            Self::Claimed(claim) => Some((0, claim)),
            Self::Ready(claim, _) => Some((1, claim)),
        }
    }

    /// How far it has come with a task, and its right to that.
    fn of(&self, task: TaskId) -> Option<(u8, Lease)> {
        self.claim().filter(|(_, claim)| claim.task.id == task).map(|(kind, claim)| (kind, claim.lease))
    }
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The process is gone with what it had in hand.
    Dies,
    /// Others take its tasks over, and it does not know.
    Oversleeps,
    /// Its action fails.
    Fails,
}

/// What is wrong, where the walk is to find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    /// Who lost a lease may commit all the same.
    NoFence,
    /// A page that is tried again makes the next one again.
    AdvancesTwice,
}

impl Life {
    fn id(&self) -> WorkerId {
        WorkerId(Uuid::from_u128(u128::try_from(self.generation * N_WORKERS + self.number).unwrap()))
    }
}

#[test]
fn all_pages_meet_once_whatever_the_interleaving() {
    let n_states = walk(&JOIN, None, &|moment| assert_eq!(moment.batches.len(), 1, "the join fires once: {moment:#?}"));
    assert!(n_states > 3_000, "only {n_states} states were seen");
}

#[test]
fn a_join_that_leads_to_another_fires_first_whatever_the_interleaving() {
    let n_states = walk(&JOINS, None, &|moment| {
        let parts: Vec<usize> = moment.batches.iter().map(Vec::len).collect();
        assert_eq!(
            parts,
            [2],
            "the last join fires once, with the first page and the batch of the others: {moment:#?}"
        );
    });
    assert!(n_states > 3_000, "only {n_states} states were seen");
}

#[test]
fn every_page_is_in_one_batch_whatever_the_interleaving() {
    let n_states = walk(&WINDOWS, None, &|moment| {
        assert!(moment.batches.iter().all(|batch| batch.len() <= 2), "a window takes two: {moment:#?}");
    });
    assert!(n_states > 20_000, "only {n_states} states were seen");
}

#[test]
fn the_walk_finds_what_it_is_for() {
    for defect in [Defect::NoFence, Defect::AdvancesTwice] {
        let found = std::panic::catch_unwind(|| walk(&WINDOWS, Some(defect), &|_| {}));
        assert!(found.is_err(), "nobody has found {defect:?}");
    }
}

/// Walks through all states there are, and answers how many.
fn walk(machine: &'static MachineDescriptor, defect: Option<Defect>, check_end: &dyn Fn(&Moment)) -> usize {
    let mut open = vec![begin(machine, defect)];
    let mut seen = HashSet::from([open[0].fingerprint()]);
    while let Some(moment) = open.pop() {
        let is_ended = moment.check();
        let mut is_stuck = true;
        for worker in 0..N_WORKERS {
            for fault in [None, Some(Fault::Dies), Some(Fault::Oversleeps), Some(Fault::Fails)] {
                let Some(next) = moment.step(machine, worker, fault) else { continue };
                is_stuck &= fault.is_some();
                if seen.insert(next.fingerprint()) {
                    open.push(next);
                }
            }
        }
        if is_ended {
            check_end(&moment);
        } else {
            assert!(!is_stuck, "nobody has anything to do: {moment:#?}");
        }
    }
    say(machine, seen.len());
    seen.len()
}

/// `--nocapture` shows it.
#[expect(clippy::print_stdout, reason = "the number of states is worth knowing")]
fn say(machine: &MachineDescriptor, n_states: usize) {
    println!("{}: {n_states} states", machine.name);
}

fn begin(machine: &'static MachineDescriptor, defect: Option<Defect>) -> Moment {
    let workers = std::array::from_fn(|number| Life { number, generation: 0, hand: Hand::Empty });
    let mut moment = Moment { world: World::default(), workers, n_faults: 0, batches: Vec::new(), defect };
    let root = TaskKey(Uuid::nil());
    let instance = engine::start(root, Start::new(machine, "0".to_owned()), None);
    moment.call(|store| store.start(vec![instance.clone()])).unwrap();
    for worker in 0..N_WORKERS {
        let id = moment.workers[worker].id();
        moment.call(|store| store.register(id, LEASE)).unwrap();
    }
    moment
}

impl Moment {
    /// Makes a call of the real store on this moment's world.
    fn call<T>(&mut self, call: impl FnOnce(&MemoryStore) -> StoreFuture<'_, T>) -> Result<T, StoreError> {
        let world = Arc::new(Mutex::new(std::mem::take(&mut self.world)));
        let clock = Arc::new(ManualClock::new());
        let store = MemoryStore { world: Arc::clone(&world), clock, notifier: Arc::new(Notifier::new()) };
        let answer = match pin!(call(&store)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("a store in memory answers at once"),
        };
        self.world = std::mem::take(&mut *world.lock().unwrap());
        answer
    }

    /// What comes of the next call of a worker, or of a fault in its place; nothing where there is none.
    fn step(&self, machine: &'static MachineDescriptor, worker: usize, fault: Option<Fault>) -> Option<Self> {
        let mut next = self.clone();
        let id = self.workers[worker].id();
        match fault {
            None => next.go_on(machine, worker)?,
            Some(_) if self.n_faults == N_FAULTS || matches!(self.workers[worker].hand, Hand::Empty) => return None,
            Some(Fault::Fails) => {
                let Hand::Ready(claim, _) = self.workers[worker].hand.clone() else { return None };
                next.n_faults += 1;
                let ending = Ending::Failed { error: "it fails".to_owned(), is_permanent: false };
                next.commit(machine, worker, &claim, ending, None);
            }
            Some(fault) => {
                next.n_faults += 1;
                // The lease ends now; whoever claims next takes its tasks.
                next.call(|store| store.register(id, Duration::ZERO)).unwrap();
                if matches!(fault, Fault::Dies) {
                    next.begin_anew(worker);
                }
            }
        }
        Some(next)
    }

    /// The next call of a worker; nothing where there is nothing to claim.
    fn go_on(&mut self, machine: &'static MachineDescriptor, worker: usize) -> Option<()> {
        let hand = std::mem::replace(&mut self.workers[worker].hand, Hand::Empty);
        match hand {
            Hand::Empty => {
                let machines = vec![machine.name.to_owned()];
                let id = self.workers[worker].id();
                let claiming = Claiming { worker: id, machines, queues: None, labels: None, limit: NonZeroU32::MIN };
                match self.call(|store| store.claim(claiming)) {
                    Ok(mut claims) => self.workers[worker].hand = Hand::Claimed(claims.pop()?),
                    lost => self.proceed(worker, lost, |_| Hand::Empty),
                }
            }
            Hand::Claimed(claim) if claim.task.window.is_some() => {
                let sealed = self.call(|store| store.seal(claim.lease));
                self.proceed(worker, sealed, |batch| Hand::Ready(claim, batch));
            }
            Hand::Claimed(claim) => {
                let page = page_of(&claim);
                if let (Some(Defect::AdvancesTwice), Some(row)) =
                    (self.defect, self.world.tasks.get_mut(&claim.task.id))
                {
                    row.is_continued = false;
                }
                let advanced = if page < N_PAGES {
                    let next = engine::next_page(&machine.states[0], &claim.task, (page + 1).to_string());
                    self.call(|store| store.advance(claim.lease, next)).map(|_| ())
                } else {
                    Ok(())
                };
                self.proceed(worker, advanced, |()| Hand::Ready(claim, Vec::new()));
            }
            Hand::Ready(claim, batch) => {
                let (answer, context) = match (claim.task.window, page_of(&claim)) {
                    (Some(_), _) if leads_on(machine, &claim) => (Answer::Event("met"), batch.join("+")),
                    (Some(_), _) => (Answer::Nothing, batch.join("+")),
                    (None, 1) if machine.states.len() > 2 => (Answer::Event("first"), "1".to_owned()),
                    (None, page) => (Answer::Event("page"), page.to_string()),
                };
                let effects = Effects { context, ..Effects::default() };
                self.commit(machine, worker, &claim, Ending::Answered { answer, effects }, Some(batch));
            }
        }
        Some(())
    }

    fn commit(
        &mut self,
        machine: &'static MachineDescriptor,
        worker: usize,
        claim: &Claim,
        ending: Ending,
        batch: Option<Vec<String>>,
    ) {
        let now = ManualClock::new().now();
        let commit = engine::step(machine, &claim.task, Outcome { ending, log: Vec::new() }, now);
        let is_done = matches!(commit.verdict, Verdict::Done { .. });
        let mut lease = claim.lease;
        if let (Some(Defect::NoFence), Some(row)) = (self.defect, self.world.tasks.get(&claim.task.id))
            && let TaskStatus::Running(owner) = row.status
        {
            (lease.worker, lease.fence) = (owner, row.fence);
        }
        let is_right = self.world.leased(&claim.lease).is_ok();
        let committed = self.call(|store| store.commit(lease, commit));
        assert_eq!(committed.is_ok(), is_right, "who holds the lease commits, and nobody else: {claim:?} {self:#?}");
        if let (Ok(()), Some(batch), true, Some(_)) =
            (&committed, batch, is_done && !leads_on(machine, claim), claim.task.window)
        {
            self.batches.push(batch);
            self.batches.sort();
        }
        self.proceed(worker, committed, |()| Hand::Empty);
    }

    /// A worker that is refused begins anew, under another name.
    fn proceed<T>(&mut self, worker: usize, answer: Result<T, StoreError>, hand: impl FnOnce(T) -> Hand) {
        match answer {
            Ok(answer) => self.workers[worker].hand = hand(answer),
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::LeaseLost, "{error}: {self:#?}");
                self.begin_anew(worker);
            }
        }
    }

    fn begin_anew(&mut self, worker: usize) {
        let life = &mut self.workers[worker];
        (life.generation, life.hand) = (life.generation + 1, Hand::Empty);
        let id = life.id();
        self.call(|store| store.register(id, LEASE)).unwrap();
    }

    /// Checks what holds at every moment; answers whether the instance has ended.
    fn check(&self) -> bool {
        let World { instances, tasks, windows, .. } = &self.world;
        let instance = instances.values().next().unwrap();
        let live = || tasks.values().filter(|row| row.status != TaskStatus::Failed);
        assert_eq!(instance.n_live, u64::try_from(live().count()).unwrap(), "{self:#?}");
        // Each page is at one place: it waits as a task, or as a package, or was in a batch. Those after the last task of a
        // page are still to come.
        let waiting = live().filter(|row| row.task.window.is_none()).map(|row| page_of_task(row.task.token.as_deref()));
        let packages = windows.values().flat_map(|window| &window.packages);
        let gathered = self.batches.iter().flatten();
        let met = packages.chain(gathered).flat_map(|context| context.split('+')).map(|page| page.parse().unwrap());
        let mut pages: Vec<usize> = waiting.chain(met).collect();
        pages.sort_unstable();
        let expected: Vec<usize> = (1..=pages.len()).collect();
        assert_eq!(pages, expected, "{self:#?}");
        let is_ended = instance.status != InstanceStatus::Active;
        if is_ended {
            assert_eq!((instance.status, pages.len()), (InstanceStatus::Finished, N_PAGES), "{self:#?}");
            assert!(tasks.is_empty() && windows.is_empty(), "{self:#?}");
        }
        is_ended
    }

    /// What decides all that follows, and nothing else: which of the workers it is, how often one has begun anew, and the
    /// numbers of tasks and fences make no difference but by their order, and by whether a lease is still a right.
    fn fingerprint(&self) -> u64 {
        let World { instances, tasks, windows, workers, .. } = &self.world;
        let is_alive = |id: &WorkerId| workers.get(id).is_some_and(|until| *until > ManualClock::new().now());
        let mut hasher = DefaultHasher::new();
        for (id, row) in tasks {
            let status = match &row.status {
                TaskStatus::Scheduled(at) => (0, Some(*at), false),
                TaskStatus::Running(owner) => (1, None, is_alive(owner)),
                TaskStatus::Failed => (2, None, false),
            };
            (status, &row.task.token, row.task.window.is_some(), row.is_continued).hash(&mut hasher);
            let is_right = |lease: &Lease| row.status == TaskStatus::Running(lease.worker) && row.fence == lease.fence;
            let hands = self.workers.iter().filter_map(|life| life.hand.of(*id));
            let mut hands: Vec<_> =
                hands.map(|(kind, lease)| (kind, is_right(&lease), is_alive(&lease.worker))).collect();
            hands.sort_unstable();
            hands.hash(&mut hasher);
        }
        for window in windows.values() {
            (window.hop.to(), window.is_sealed, &window.packages).hash(&mut hasher);
        }
        // A task in hand that is gone: its worker will be refused at its next call, or not even call.
        let held = self.workers.iter().filter_map(|life| life.hand.claim());
        let gone = held.filter(|(_, claim)| !tasks.contains_key(&claim.task.id));
        let mut gone: Vec<_> =
            gone.map(|(kind, claim)| (kind, &claim.task.token, claim.task.window.is_some())).collect();
        gone.sort_unstable();
        let idle = self.workers.iter().filter(|life| matches!(life.hand, Hand::Empty));
        let mut idle: Vec<bool> = idle.map(|life| is_alive(&life.id())).collect();
        idle.sort_unstable();
        let status = instances.values().map(|instance| (instance.status, instance.n_live)).collect::<Vec<_>>();
        (gone, idle, self.n_faults, &self.batches, status).hash(&mut hasher);
        hasher.finish()
    }
}

/// Whether the state of a fan-in has a way on.
fn leads_on(machine: &MachineDescriptor, claim: &Claim) -> bool {
    claim.task.hop.to().and_then(|to| machine.state(to)).is_some_and(|state| !state.is_final)
}

fn page_of(claim: &Claim) -> usize {
    page_of_task(claim.task.token.as_deref())
}

fn page_of_task(token: Option<&str>) -> usize {
    token.map_or(1, |token| token.parse().unwrap())
}
