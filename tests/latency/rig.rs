//! A store with a worker, and what is measured on it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fantasm::{Client, Result, Worker, store::Store};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, interval},
};

use crate::{
    machines::{self, Ping},
    ping::Arrivals,
};

/// How many starts are under way at the same time where as many as possible are wanted.
const STARTERS: i64 = 64;

/// A worker, the client that starts instances, and the arrivals of their actions.
#[derive(Debug)]
pub(crate) struct Rig {
    worker: Worker,
    client: Client,
    arrivals: mpsc::UnboundedReceiver<(i64, Instant)>,
}

/// How long it took from the start to the action's first line, sorted.
#[derive(Debug)]
pub(crate) struct Latencies(Vec<Duration>);

impl Rig {
    /// A worker on one store, and a client on another, which may be the same.
    pub(crate) async fn new(store: Arc<dyn Store>, of_client: Arc<dyn Store>) -> Result<Self> {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let worker = Worker::builder(store).machines(machines::all()).service(Arrivals(sender)).concurrency(64);
        Ok(Self { worker: worker.start().await?, client: Client::new(of_client), arrivals })
    }

    /// Starts one instance after the other has arrived.
    pub(crate) async fn idle(&mut self, n: i64) -> Result<Latencies> {
        let mut latencies = Vec::new();
        for number in 0..n {
            let start = Instant::now();
            self.client.start(Ping { number }).await?;
            if let Some((_, at)) = self.arrivals.recv().await {
                latencies.push(at - start);
            }
        }
        Ok(Latencies::of(latencies))
    }

    /// Starts as many as can be, and answers how many arrive in a second.
    pub(crate) async fn throughput(&mut self, n: i64) -> Result<f64> {
        let begin = Instant::now();
        let mut starts = JoinSet::new();
        for number in 0..n {
            if number >= STARTERS {
                starts.join_next().await.transpose()?;
            }
            let client = self.client.clone();
            starts.spawn(async move { client.start(Ping { number }).await.map(drop) });
        }
        for _ in 0..n {
            self.arrivals.recv().await;
        }
        Ok(f64::from(u32::try_from(n)?) / begin.elapsed().as_secs_f64())
    }

    /// Starts so many a second for a while, whether or not those before have arrived.
    pub(crate) async fn at_rate(&mut self, per_second: f64, time: Duration) -> Result<Latencies> {
        let mut moments = interval(Duration::from_secs_f64(1.0 / per_second));
        let (mut starts, mut begun, begin) = (JoinSet::new(), BTreeMap::new(), Instant::now());
        while begin.elapsed() < time {
            moments.tick().await;
            let number = i64::try_from(begun.len())?;
            let client = self.client.clone();
            begun.insert(number, Instant::now());
            starts.spawn(async move { client.start(Ping { number }).await.map(drop) });
        }
        let mut latencies = Vec::new();
        for _ in 0..begun.len() {
            if let Some((number, at)) = self.arrivals.recv().await {
                latencies.extend(begun.get(&number).map(|start| at - *start));
            }
        }
        Ok(Latencies::of(latencies))
    }

    pub(crate) async fn end(self) -> Result<()> {
        Ok(self.worker.shutdown().await?)
    }
}

impl Latencies {
    fn of(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self(latencies)
    }

    /// What so many of a hundred are not slower than, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let at = self.0.len().saturating_sub(1) * percent / 100;
        self.0.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}
