//! What walkers do: drawn from the seed, and noted before it is done.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fantasm::{Machine, Page, TaskKey, Transaction};
use fantasm_tests::TokioClock;

use super::{
    effects,
    intent::{Birth, Ending, REASON, Slots, TRAIL},
    machines::{Cell, Maze, maze::Context},
};

/// The service of all actions: one for each process, with a script that all of them share.
#[derive(Debug, Clone)]
pub(crate) struct Walker {
    pub(crate) slots: Slots,
    pub(crate) script: Script,
}

/// The random numbers of a world's user code.
#[derive(Debug, Clone)]
pub(crate) struct Script(Arc<Mutex<Lines>>);

#[derive(Debug)]
struct Lines {
    /// The name of the world, for tables that worlds share.
    world: String,
    rng: fastrand::Rng,
    temper: Temper,
    n_tickets: i64,
    /// How long an action takes at most that takes its time.
    longest: Duration,
    /// The pages of a context, and whether there is nothing to do on each: the same for every attempt.
    pages: BTreeMap<i64, Vec<bool>>,
}

/// What the walkers of one world are like.
#[derive(Debug)]
struct Temper {
    /// Of 256 attempts so many go wrong.
    troubles: u8,
    forks: u8,
    /// The ways that nobody goes, which makes another machine for each seed.
    closed: BTreeSet<&'static str>,
    max_tickets: i64,
}

/// What an action does.
enum Deed {
    Go(usize),
    End,
    Fail { is_permanent: bool },
    Halt,
    Panic,
    Hang,
}

const ROOMS: [&str; 12] =
    ["hall", "trap", "rescue", "pages", "leaves", "well", "pool", "sump", "join", "meet", "haven", "out"];

impl Script {
    pub(crate) fn new(world: String, mut rng: fastrand::Rng) -> Self {
        let closed = ROOMS.into_iter().filter(|_| rng.u8(..3) == 0).collect();
        let temper = Temper { troubles: rng.u8(..40), forks: rng.u8(..90), closed, max_tickets: rng.i64(8..48) };
        Self(Arc::new(Mutex::new(Lines {
            world,
            rng,
            temper,
            n_tickets: 0,
            longest: Duration::ZERO,
            pages: BTreeMap::new(),
        })))
    }

    /// Some actions take their time, up to this one.
    pub(crate) fn dawdling(self, longest: Duration) -> Self {
        self.with(|lines| lines.longest = longest);
        self
    }

    /// Nobody goes but these ways, which makes them more frequent than the seed would.
    pub(crate) fn haunting(self, rooms: &[&str]) -> Self {
        if !rooms.is_empty() {
            let closed = ROOMS.into_iter().filter(|room| !rooms.contains(room)).collect();
            self.with(|lines| lines.temper.closed = closed);
        }
        self
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm(&self) {
        self.with(|lines| (lines.temper.troubles, lines.longest) = (0, Duration::ZERO));
    }

    /// A context that was never there before.
    pub(crate) fn ticket(&self) -> i64 {
        self.with(|lines| {
            lines.n_tickets += 1;
            lines.n_tickets
        })
    }

    fn world(&self) -> String {
        self.with(|lines| lines.world.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Lines) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn deed(&self, strength: i64, room: &str, events: &[&'static str], may_end: bool) -> Deed {
        self.with(|Lines { rng, temper, .. }| {
            if rng.u8(..) < temper.troubles {
                return match rng.u8(..16) {
                    0 => Deed::Halt,
                    1 => Deed::Panic,
                    2 | 3 => Deed::Fail { is_permanent: true },
                    4..=6 if room == "Trap" => Deed::Hang,
                    _ => Deed::Fail { is_permanent: false },
                };
            }
            if may_end && (strength <= 0 || events.is_empty() || rng.u8(..6) == 0) {
                return Deed::End;
            }
            let is_open = |event: &&'static str| match strength {
                ..=0 => matches!(*event, "out" | "done" | "haven"),
                _ => !temper.closed.contains(event) && *event != "done",
            };
            let open: Vec<usize> = (0..events.len()).filter(|at| is_open(&events[*at])).collect();
            let end = events.iter().position(|event| *event == "done").unwrap_or_default();
            Deed::Go(if open.is_empty() { end } else { open[rng.usize(..open.len())] })
        })
    }

    fn n_forks(&self) -> usize {
        self.with(|Lines { rng, temper, n_tickets, .. }| {
            let may_fork = *n_tickets < temper.max_tickets && rng.u8(..) < temper.forks;
            if may_fork { rng.usize(1..=3) } else { 0 }
        })
    }

    fn is_in_trouble(&self) -> bool {
        self.with(|lines| lines.rng.u8(..) < lines.temper.troubles / 4)
    }

    async fn dawdle(&self) {
        let pause = self.with(|Lines { rng, longest, .. }| {
            let may = !longest.is_zero() && rng.u8(..4) == 0;
            may.then(|| longest.mul_f64(rng.f64()))
        });
        if let Some(pause) = pause {
            TokioClock::pass(pause).await;
        }
    }

    fn one_in(&self, n: u8) -> bool {
        self.with(|lines| lines.rng.u8(..n) == 0)
    }

    fn colour(&self) -> i64 {
        self.with(|lines| lines.rng.i64(0..2))
    }

    fn pages(&self, ticket: i64) -> Vec<bool> {
        self.with(|Lines { rng, temper, n_tickets, pages, .. }| {
            let n_pages = if *n_tickets < temper.max_tickets { rng.usize(1..=4) } else { 1 };
            pages.entry(ticket).or_insert_with(|| (0..n_pages).map(|_| rng.u8(..4) == 0).collect()).clone()
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the walker stumbles, as the seed wants it")]
struct Stumble;

impl Walker {
    pub(crate) fn new(script: Script) -> Self {
        Self { slots: Slots::default(), script }
    }

    /// An entry, an exit or a transition's action, that may go wrong.
    pub(crate) fn hook<M: Machine>(&self, cx: &fantasm::Context<M>) -> fantasm::Result<()> {
        let trail = cx.header(TRAIL).map(str::to_owned);
        self.slots.with(cx.idempotency_key(), |intent| intent.trail = Some(trail));
        if self.script.is_in_trouble() { Err(self.fail(cx.idempotency_key(), false)) } else { Ok(()) }
    }

    /// The last action of a machine without choices.
    pub(crate) fn finish<M: Machine>(&self, cx: &fantasm::Context<M>) -> fantasm::Result<()> {
        self.hook(cx)?;
        let ending = Ending::Ended { context: json(cx.data()) };
        self.slots.with(cx.idempotency_key(), |intent| intent.ending = ending);
        Ok(())
    }

    /// The page that the token names.
    pub(crate) fn page(&self, cx: &Context, token: Option<usize>) -> fantasm::Result<Page<i64, usize>> {
        self.hook(cx)?;
        let (pages, at) = (self.script.pages(cx.ticket), token.unwrap_or_default());
        let next = Some(at + 1).filter(|next| *next < pages.len());
        self.slots.with(cx.idempotency_key(), |intent| {
            intent.next_page = next.map(|next| next.to_string());
            if pages[at] {
                intent.ending = Ending::Skipped;
                return Ok(Page::skip(next));
            }
            Ok(Page::new(vec![cx.ticket], next))
        })
    }

    /// An action of the maze, which answers the number of its event.
    pub(crate) async fn walk(
        &self,
        cx: &mut Context,
        tx: &mut Transaction,
        events: &[&'static str],
        may_end: bool,
    ) -> fantasm::Result<Option<usize>> {
        let (key, trail) = (cx.idempotency_key(), cx.header(TRAIL).map(str::to_owned));
        let line = format!("ticket {}, attempt {}", cx.ticket, cx.attempt());
        cx.log().info(&line);
        let room = self.slots.with(key, |intent| {
            intent.log.push(line);
            intent.trail = Some(trail);
            intent.task.as_ref().and_then(|task| task.hop.to().map(str::to_owned))
        });
        self.write(key, tx);
        self.script.dawdle().await;
        let deed = self.script.deed(cx.strength, &room.unwrap_or_default(), events, may_end);
        cx.ticket = self.script.ticket();
        cx.strength -= 1;
        match deed {
            Deed::Fail { is_permanent } => Err(self.fail(key, is_permanent)),
            Deed::Halt => {
                self.slots.with(key, |intent| {
                    intent.ending = Ending::Halted;
                    intent.log.push(REASON.to_owned());
                });
                Err(fantasm::Error::halt(REASON))
            }
            Deed::Panic => {
                let _ = self.fail(key, false);
                // Like a panic, without its message on the terminal.
                std::panic::resume_unwind(Box::new("the walker panics"));
            }
            Deed::Hang => {
                let _ = self.fail(key, false);
                std::future::pending().await
            }
            Deed::End => {
                self.bear(cx);
                self.slots.with(key, |intent| intent.ending = Ending::Ended { context: json(cx.data()) });
                Ok(None)
            }
            Deed::Go(at) => {
                self.go(cx, events[at]);
                Ok(Some(at))
            }
        }
    }

    /// An action of a fan-in: like any other, and it notes what it was handed.
    pub(crate) fn gather<M: Machine>(&self, cx: &fantasm::Context<M>, batch: &fantasm::Contexts<M>) {
        self.slots.with(cx.idempotency_key(), |intent| intent.batch = Some(batch.iter().map(json).collect()));
    }

    /// SQL that is to take effect with the step, or cannot.
    fn write(&self, key: TaskKey, tx: &mut Transaction) {
        while self.script.one_in(6) {
            let number = self.script.ticket();
            effects::write(tx, &self.script.world(), number);
            self.slots.with(key, |intent| intent.effects.push(number));
        }
        if self.script.is_in_trouble() {
            effects::doom(tx);
            self.slots.with(key, |intent| intent.is_doomed = true);
        }
    }

    fn go(&self, cx: &mut Context, event: &'static str) {
        cx.colour = self.script.colour();
        let mut forks = Vec::new();
        for _ in 0..self.script.n_forks() {
            let fork = Maze { ticket: self.script.ticket(), colour: self.script.colour(), ..cx.data().clone() };
            // Noted apart from what the context hands on.
            forks.push(json(&fork));
            cx.fork(fork);
        }
        if self.script.one_in(12) {
            let queue = if self.script.one_in(2) { "left" } else { "chosen" };
            cx.set_queue(queue);
            self.slots.with(cx.idempotency_key(), |intent| intent.queue = Some(queue.to_owned()));
        }
        self.bear(cx);
        let contexts = std::iter::once(json(cx.data())).chain(forks).collect();
        self.slots.with(cx.idempotency_key(), |intent| intent.ending = Ending::Emitted { event, contexts });
    }

    /// Spawns now and then: a cell with a key or without, or another walk through the maze.
    fn bear(&self, cx: &mut Context) {
        while self.script.one_in(8) {
            let ticket = self.script.ticket();
            let key = self.script.one_in(2).then(|| format!("cell {}", ticket % 3));
            let delay = if self.script.one_in(2) { 7 } else { 0 };
            let (machine, context) = if self.script.one_in(4) {
                let maze = Maze { ticket, strength: 2, colour: 0 };
                spawn(cx, &maze, key.as_deref(), delay);
                (Maze::DESCRIPTOR, json(&maze))
            } else {
                let cell = Cell { ticket };
                spawn(cx, &cell, key.as_deref(), delay);
                (Cell::DESCRIPTOR, json(&cell))
            };
            let birth = Birth { machine, context, key, delay };
            self.slots.with(cx.idempotency_key(), |intent| intent.births.push(birth));
        }
    }

    /// Says that something goes wrong.
    fn fail(&self, key: TaskKey, is_permanent: bool) -> fantasm::Error {
        self.slots.with(key, |intent| intent.ending = Ending::Failed { is_permanent });
        if is_permanent { fantasm::Error::permanent(Stumble) } else { fantasm::Error::retryable(Stumble) }
    }
}

fn spawn<M: Machine>(cx: &mut Context, context: &M, key: Option<&str>, delay: u64) {
    let mut spawning = cx.spawn(context);
    spawning.delay(Duration::from_secs(delay));
    if let Some(key) = key {
        spawning.key(key);
    }
}

pub(crate) fn json<M: Machine>(data: &M) -> String {
    serde_json::to_string(data).expect("numbers can be written")
}
