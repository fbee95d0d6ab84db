//! One worker of the fleet, as a process of its own: `fleet-worker STORE OUTSIDE HEARTBEAT_MS`.

mod haul;

use std::{env, time::Duration};

use fantasm::{Worker, store};

use self::haul::Outside;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/fleet/fantasm.rs"));
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> fantasm::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [url, outside, heartbeat] = args.as_slice() else {
        return Err(fantasm::Error::permanent("usage: fleet-worker STORE OUTSIDE HEARTBEAT_MS"));
    };
    let worker = Worker::builder(store::open(url).await?)
        .machines(machines::all())
        .service(Outside(outside.into()))
        .heartbeat(Duration::from_millis(heartbeat.parse()?))
        .concurrency(32)
        .start()
        .await?;
    Err(worker.stopped().await.into())
}
