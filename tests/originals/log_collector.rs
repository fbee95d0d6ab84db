//! Lines of a file are put away every two seconds, for each level by itself.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use fantasm::{Page, TaskKey, continuation, fsm_action, pages};
use fantasm_tests::{World, on_every_store};
use tempfile::TempDir;

use crate::{
    machines::{
        self, LogCollector,
        log_collector::{Context, Contexts, Read},
    },
    run::{ended, expect, visits},
};

#[derive(Clone)]
pub(crate) struct LogFile(PathBuf);

/// Each batch, which is put away once however often it comes.
#[derive(Clone, Default)]
pub(crate) struct Archive(Arc<Mutex<BTreeMap<TaskKey, Batch>>>);

struct Batch {
    level: String,
    lines: String,
}

#[continuation(read)]
async fn lines(_: &Context, token: Option<u64>, file: &LogFile) -> fantasm::Result<Page<String, u64>> {
    Ok(pages::lines(&file.0, token, 2).await?)
}

/// The first line of a page goes on as this branch, the others as forks.
#[fsm_action]
pub(crate) async fn read(cx: &mut Context, page: Page<String, u64>) -> Option<Read> {
    let mut lines = page.iter().map(|line| {
        let (level, line) = line.split_once(' ').unwrap_or(("unknown", line));
        LogCollector { level: level.to_owned(), line: line.to_owned() }
    });
    let first = lines.next()?;
    lines.for_each(|line| cx.fork(line));
    **cx = first;
    Some(Read::Line)
}

#[fsm_action]
pub(crate) async fn collect(cx: &mut Context, batch: Contexts, archive: &Archive) {
    let lines = batch.iter().map(|one| one.line.as_str()).collect();
    archive.0.lock().unwrap().insert(cx.idempotency_key(), Batch { level: cx.level.clone(), lines });
}

on_every_store! {
    lines_are_put_away_by_level_and_time
}

async fn lines_are_put_away_by_level_and_time(world: World) {
    let folder = TempDir::new().unwrap();
    let file = LogFile(folder.path().join("log"));
    // Two lines a second.
    fs::write(&file.0, "info a\nwarn b\ninfo c\ninfo d\nwarn e\ninfo f\nerror g\ninfo h\ninfo i\nwarn j\n").unwrap();
    let archive = Archive::default();
    let mut worker = world.worker(machines::all()).service(file).service(archive.clone());
    let run = worker.client().start(LogCollector::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    let mut batches: Vec<(String, String)> =
        archive.0.lock().unwrap().values().map(|batch| (batch.level.clone(), batch.lines.clone())).collect();
    batches.sort();
    let expected =
        [("error", "g"), ("info", "acd"), ("info", "fh"), ("info", "i"), ("warn", "b"), ("warn", "e"), ("warn", "j")];
    assert_eq!(batches, expected.map(|(level, lines)| (level.to_owned(), lines.to_owned())));
    assert_eq!(visits(&run).await, expect([("Read", 5), ("Collect", 7)]));
    world.backend.assert_no_work_left();
}
