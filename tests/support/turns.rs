//! Several processes on one thread, of which a seed says whose turn it is.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

/// Where a process waits for its turn.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<AtomicBool>);

impl Gate {
    /// Ends this turn here; the next one goes on from here.
    pub async fn pass(&self) {
        let mut is_next_turn = false;
        poll_fn(|_| {
            if is_next_turn {
                return Poll::Ready(());
            }
            is_next_turn = true;
            self.0.store(true, Ordering::Relaxed);
            Poll::Pending
        })
        .await;
    }
}

/// The processes that live at present. Each ends when it crashes, and another begins in its place.
pub struct Lives<F> {
    begin: F,
    lives: Vec<(Gate, Life)>,
    n_begun: usize,
}

type Life = Pin<Box<dyn Future<Output = ()>>>;

impl<F: FnMut(Gate) -> Life> Lives<F> {
    /// Begins `n` lives.
    pub fn new(n: usize, mut begin: F) -> Self {
        let lives = (0..n).map(|_| life(&mut begin)).collect();
        Self { begin, lives, n_begun: n }
    }

    /// How many lives there have been.
    #[must_use]
    pub fn n_begun(&self) -> usize {
        self.n_begun
    }

    /// Gives one of them, drawn at random, a turn: up to its next call of the store. All others stand still meanwhile, so
    /// that the seed decides everything.
    pub async fn turn(&mut self, rng: &mut fastrand::Rng) {
        let drawn = rng.usize(..self.lives.len());
        let (gate, life_on_turn) = &mut self.lives[drawn];
        let has_ended = poll_fn(|cx| match life_on_turn.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if gate.0.swap(false, Ordering::Relaxed) => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        })
        .await;
        if has_ended {
            self.lives[drawn] = life(&mut self.begin);
            self.n_begun += 1;
        }
    }
}

fn life(begin: &mut impl FnMut(Gate) -> Life) -> (Gate, Life) {
    let gate = Gate::default();
    (gate.clone(), begin(gate))
}

impl<F> fmt::Debug for Lives<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lives").field("n_begun", &self.n_begun).finish_non_exhaustive()
    }
}
