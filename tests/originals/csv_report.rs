//! A query becomes a file: its pages are formatted whenever they come to it, and joined in their order.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use fantasm::{Page, continuation, fsm_action, pages};
use fantasm_tests::{World, on_every_store};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    machines::{
        self, CsvReport,
        csv_report::{Context, Contexts, Format, Query},
    },
    run::{ended, expect, visits},
};

#[derive(Clone)]
pub(crate) struct Customers(Arc<Mutex<Connection>>);

#[derive(Clone)]
pub(crate) struct Report(PathBuf);

type Row = (i64, String);

#[continuation(query)]
async fn customers(_: &Context, token: Option<i64>, db: &Customers) -> fantasm::Result<Page<Row, i64>> {
    let db = db.0.lock().unwrap();
    let mut rows = db.prepare_cached("SELECT id, name FROM customer WHERE id > ? ORDER BY id LIMIT 4")?;
    let rows = rows.query_map([token.unwrap_or(0)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pages::rows(rows.collect::<Result<Vec<_>, _>>()?, 3, |(id, _)| *id))
}

#[fsm_action]
pub(crate) async fn query(cx: &mut Context, page: Page<Row, i64>) -> Query {
    (cx.ids, cx.names) = page.into_iter().unzip();
    Query::Rows
}

#[fsm_action]
pub(crate) async fn format(cx: &mut Context) -> Format {
    let rows = cx.ids.iter().zip(&cx.names);
    cx.lines = rows.map(|(id, name)| format!("{id},\"{}\"", name.replace('"', "\"\""))).collect();
    Format::Formatted
}

/// Joining order is the order of arrival; the pages' own order is that of their keys.
#[fsm_action]
pub(crate) async fn write(cx: &mut Context, batch: Contexts, report: &Report) -> fantasm::Result<()> {
    let mut pages: Vec<&CsvReport> = batch.iter().collect();
    pages.sort_by_key(|page| page.ids.first());
    cx.lines = pages.iter().flat_map(|page| page.lines.clone()).collect();
    let text: String = cx.lines.iter().map(|line| format!("{line}\n")).collect();
    Ok(fs::write(&report.0, format!("id,name\n{text}"))?)
}

on_every_store! {
    pages_are_joined_in_their_order
}

async fn pages_are_joined_in_their_order(world: World) {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
    // Some have gone: page by key, not by number.
    for (id, name) in (1..=20).filter(|id| id % 4 != 0).zip(('a'..='n').chain(['"'])) {
        db.execute("INSERT INTO customer VALUES (?, ?)", (id, name.to_string())).unwrap();
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("customers.csv");
    let worker = world.worker(machines::all());
    let mut worker = worker.service(Customers(Arc::new(Mutex::new(db)))).service(Report(path.clone()));
    let run = worker.client().start(CsvReport::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = ended(&run).await.unwrap();
    let expected = "id,name\n1,\"a\"\n2,\"b\"\n3,\"c\"\n5,\"d\"\n6,\"e\"\n7,\"f\"\n9,\"g\"\n10,\"h\"\n11,\"i\"\n\
                    13,\"j\"\n14,\"k\"\n15,\"l\"\n17,\"m\"\n18,\"n\"\n19,\"\"\"\"\n";
    assert_eq!(fs::read_to_string(path).unwrap(), expected);
    assert_eq!(instance.data::<CsvReport>().unwrap().lines.len(), 15);
    assert_eq!(visits(&run).await, expect([("Query", 5), ("Format", 5), ("Write", 1)]), "no page is empty");
    world.backend.assert_no_work_left();
}
