//! `fantasm check --against`: stored tasks that the machines of the files could not run.

use std::io::Write;

use anyhow::Context;
use fantasm::store::{Place, SqliteStore, Store as _};
use fantasm_spec::{Spec, Stranded};
use serde::Serialize;

/// Tells what is stored and could not go on; answers how many kinds of it there are.
///
/// # Errors
///
/// When the database cannot be read, or the output not be written.
pub(super) fn tell(
    database: &str,
    specs: &[Spec],
    is_json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<usize> {
    let places = places(database)?;
    let stranded: Vec<_> = places.iter().filter_map(|place| Some((place, stranded(specs, place)?))).collect();
    if is_json {
        let documents = stranded.iter().map(|(place, why)| document(place, why)).collect();
        writeln!(out, "{}", serde_json::to_string(&Document { against: database, stranded: documents })?)?;
        return Ok(stranded.len());
    }
    for (place, why) in &stranded {
        writeln!(err, "error: {}: {}\n  = help: {}\n", why.message, waiting(place), why.help)?;
    }
    Ok(stranded.len())
}

fn places(database: &str) -> anyhow::Result<Vec<Place>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        if is_url(database) {
            // `fantasm::store::open` says which feature is missing.
            let store = fantasm::store::open(database).await.context("the database cannot be read")?;
            store.places().await.context("the database cannot be read")
        } else {
            SqliteStore::read_places(database).await.with_context(|| format!("`{database}` cannot be read"))
        }
    })
}

fn is_url(database: &str) -> bool {
    database.contains("://")
}

/// Why none of the files could run a task; the machines that fantasm brings along have names with a dot.
fn stranded(specs: &[Spec], place: &Place) -> Option<Stranded> {
    if place.machine.contains('.') {
        return None;
    }
    let (from, event, to) = (place.hop.from(), place.hop.event(), place.hop.to());
    // A machine is in one of the files; where it is in none, every file says so.
    let has_machine = |spec: &&Spec| spec.stranded(&place.machine, None, None, None).is_none();
    let spec = specs.iter().find(has_machine).or(specs.first())?;
    spec.stranded(&place.machine, from, event, to)
}

/// `3 tasks wait (instances 1, 2, 7)`.
fn waiting(place: &Place) -> String {
    let n = place.n_tasks;
    let instances = place.instances.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(", ");
    let more = if n > place.instances.len() as u64 { ", …" } else { "" };
    format!("{n} stored task{} (instances {instances}{more})", if n == 1 { "" } else { "s" })
}

/// What `--json` prints of a database.
#[derive(Serialize)]
struct Document<'a> {
    against: &'a str,
    stranded: Vec<StrandedDocument<'a>>,
}

#[derive(Serialize)]
struct StrandedDocument<'a> {
    machine: &'a str,
    from: Option<&'a str>,
    event: Option<&'a str>,
    to: Option<&'a str>,
    n_tasks: u64,
    instances: Vec<i64>,
    message: &'a str,
    help: &'a str,
}

fn document<'a>(place: &'a Place, why: &'a Stranded) -> StrandedDocument<'a> {
    StrandedDocument {
        machine: &place.machine,
        from: place.hop.from(),
        event: place.hop.event(),
        to: place.hop.to(),
        n_tasks: place.n_tasks,
        instances: place.instances.iter().map(|id| id.0).collect(),
        message: &why.message,
        help: &why.help,
    }
}
