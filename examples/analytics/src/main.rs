//! Counts over all accounts of a site how often each badge was awarded, and to how many accounts.

mod analytics;
mod site;

use clap::Parser;
use fantasm::{Worker, store};

use crate::{
    machines::Analytics,
    site::{CountRun, Site},
};

/// The machine's types, generated from fsm.yaml.
mod machines {
    fantasm::include_machines!();
}

/// Counts over all accounts of a made-up site how often each badge was awarded, and to how many accounts.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// How many accounts the site is to have.
    #[arg(long, default_value_t = 200)]
    accounts: u32,
    /// The site's database, which also keeps the state of the count: a file of SQLite, or postgres://user@host/database.
    #[arg(long, value_name = "FILE|URL", default_value = "analytics.db")]
    db: String,
}

#[tokio::main]
async fn main() -> fantasm::Result<()> {
    let args = Args::parse();
    let store = store::open(&args.db).await?;
    let site = Site::open(&args.db).await?;
    site.grow_to(args.accounts).await?;
    let key = format!("{} accounts", args.accounts);

    let worker = Worker::builder(store)
        .machines(machines::all())
        .service(site.clone())
        .service(CountRun(key.clone()))
        .start()
        .await?;
    let run = worker.client().start(Analytics::default()).key(&key).await?;
    run.finished().await?;
    worker.shutdown().await?;

    print(&site.totals(&key).await?);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is where the program speaks")]
fn print(totals: &[(String, i64, i64)]) {
    println!("{:<12} {:>8} {:>8}", "badge", "accounts", "awards");
    for (badge, n_accounts, n_awards) in totals {
        println!("{badge:<12} {n_accounts:>8} {n_awards:>8}");
    }
}
