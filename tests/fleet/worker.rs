//! One worker of the fleet, as a process of its own: `fleet-worker STORE OUTSIDE HEARTBEAT_MS SKEW_SECONDS`.

mod haul;

use std::{env, sync::Arc, time::Duration};

use fantasm::{
    Clock, SystemClock, Worker,
    store::{self, Store, StoreError},
};

use self::haul::Outside;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/fleet/fantasm.rs"));
}

/// Opens the store, as often as it takes: the server may be on its way back.
async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let mut moments = tokio::time::interval(Duration::from_millis(100));
    loop {
        moments.tick().await;
        match store::open(url).await {
            Err(error) if error.is_retryable() => {}
            opened => return opened,
        }
    }
}

/// A clock that is so many seconds ahead, or behind.
#[derive(Debug)]
struct WrongClock(i64);

impl Clock for WrongClock {
    fn now(&self) -> jiff::Timestamp {
        SystemClock.now() + jiff::SignedDuration::from_secs(self.0)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> fantasm::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [url, outside, heartbeat, skew] = args.as_slice() else {
        return Err(fantasm::Error::permanent("usage: fleet-worker STORE OUTSIDE HEARTBEAT_MS SKEW_SECONDS"));
    };
    let worker = Worker::builder(open(url).await?)
        .machines(machines::all())
        .service(Outside(outside.into()))
        .heartbeat(Duration::from_millis(heartbeat.parse()?))
        .clock(Arc::new(WrongClock(skew.parse()?)))
        .concurrency(256)
        .start()
        .await?;
    Err(worker.stopped().await.into())
}
