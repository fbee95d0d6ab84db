//! Tables are copied page by page, and the join at the end knows exactly how much there was.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use fantasm::{Page, continuation, fsm_action, pages};
use fantasm_tests::{World, on_every_store};
use rusqlite::Connection;

use crate::{
    machines::{
        self, Backup,
        backup::{Context, Contexts, Rows, Tables},
    },
    run::{ended, expect, visits},
};

/// What there is, and its copy.
#[derive(Clone)]
pub(crate) struct Databases {
    source: Arc<Mutex<Connection>>,
    copy: Arc<Mutex<Connection>>,
}

type Row = (i64, String);

const TABLES: [(&str, i64); 4] = [("badge", 5), ("empty", 0), ("level", 6), ("person", 7)];

impl Databases {
    fn new() -> Self {
        let (source, copy) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
        for (table, n_rows) in TABLES {
            for db in [&source, &copy] {
                db.execute_batch(&format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY, text TEXT)")).unwrap();
            }
            for id in 1..=n_rows {
                let sql = format!("INSERT INTO {table} VALUES (?, ?)");
                source.execute(&sql, (id, format!("{table} {id}"))).unwrap();
            }
        }
        Self { source: Arc::new(Mutex::new(source)), copy: Arc::new(Mutex::new(copy)) }
    }
}

fn select(db: &Mutex<Connection>, table: &str, after: i64, limit: i64) -> rusqlite::Result<Vec<Row>> {
    let sql = format!("SELECT id, text FROM {table} WHERE id > ? ORDER BY id LIMIT ?");
    db.lock().unwrap().prepare(&sql)?.query_map([after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

#[continuation(tables)]
async fn each_table(_: &Context, token: Option<String>) -> fantasm::Result<Page<String, String>> {
    Ok(pages::sorted(&TABLES.map(|(table, _)| table.to_owned()), token, 1))
}

#[fsm_action]
pub(crate) async fn tables(cx: &mut Context, page: Page<String, String>) -> Tables {
    cx.table.clone_from(&page[0]);
    Tables::Table
}

#[continuation(rows)]
async fn each_row(cx: &Context, token: Option<i64>, dbs: &Databases) -> fantasm::Result<Page<Row, i64>> {
    let rows = select(&dbs.source, &cx.table, token.unwrap_or(0), 3 + 1)?;
    Ok(pages::rows(rows, 3, |(id, _)| *id))
}

/// Every page of people fails once, half way: what was copied is copied again, and counted once.
#[fsm_action]
pub(crate) async fn rows(cx: &mut Context, page: Page<Row, i64>, dbs: &Databases) -> fantasm::Result<Rows> {
    let copy = dbs.copy.lock().unwrap();
    for (id, text) in &page {
        copy.execute(&format!("INSERT OR REPLACE INTO {} VALUES (?, ?)", cx.table), (id, text))?;
        cx.n_rows += 1;
        if cx.table == "person" && cx.attempt() == 1 {
            return Err(fantasm::Error::retryable("the line is down"));
        }
    }
    Ok(Rows::Copied)
}

/// The batch is everything that was handed out: its length is the number of pages, the sum that of rows.
#[fsm_action]
pub(crate) async fn verify(cx: &mut Context, batch: Contexts, dbs: &Databases) -> fantasm::Result<()> {
    let mut copied: BTreeMap<&str, i64> = BTreeMap::new();
    for page in &batch {
        *copied.entry(&page.table).or_default() += page.n_rows;
    }
    for (table, n_rows) in copied {
        let source = select(&dbs.source, table, 0, i64::MAX)?;
        let copy = select(&dbs.copy, table, 0, i64::MAX)?;
        if copy != source || i64::try_from(copy.len())? != n_rows {
            return Err(fantasm::Error::permanent(format!("the copy of {table} differs")));
        }
    }
    cx.n_pages = i64::try_from(batch.len())?;
    cx.n_rows = batch.iter().map(|page| page.n_rows).sum();
    Ok(())
}

on_every_store! {
    the_join_knows_how_much_was_handed_out
}

/// Five rows are two pages, none are an empty one, six are two that are full, seven are three.
async fn the_join_knows_how_much_was_handed_out(world: World) {
    let mut worker = world.worker(machines::all()).service(Databases::new());
    let run = worker.client().start(Backup::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let backup: Backup = ended(&run).await.unwrap().data().unwrap();
    assert_eq!((backup.n_pages, backup.n_rows), (2 + 1 + 2 + 3, 5 + 6 + 7));
    assert_eq!(visits(&run).await, expect([("Tables", 4), ("Rows", 8), ("Verify", 1)]));
    let n_retries = run.history().await.unwrap().iter().filter(|step| step.attempt > 1).count();
    assert_eq!(n_retries, 3, "each page of people");
    world.backend.assert_no_work_left();
}
