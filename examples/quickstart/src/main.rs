//! Mails a campaign to every subscriber: the program of the README.
//!
//! Kill it at any moment and start it again: it goes on where it was.
#![expect(clippy::print_stdout, reason = "an example that says nothing shows nothing")]

#[cfg(test)]
mod tests;

mod email_batch;
mod mailing;

use fantasm::{Worker, store};

use crate::{machines::EmailBatch, mailing::Mailing};

mod machines {
    fantasm::include_machines!(); // EmailBatch, its context, its states and their events
}

#[tokio::main]
async fn main() -> fantasm::Result<()> {
    let place = std::env::args().nth(1); // or postgres://user@host/database
    let store = store::open(place.as_deref().unwrap_or("quickstart.db")).await?;
    let worker = Worker::builder(store).machines(machines::all()).service(Mailing::default()).start().await?;

    let spring = EmailBatch { campaign: "spring".into(), ..Default::default() };
    let run = worker.client().start(spring).key("spring-2026").await?; // started twice it runs once
    let ended = run.finished().await?;
    println!("{} {}", ended.machine, ended.status);

    worker.shutdown().await?;
    Ok(())
}
