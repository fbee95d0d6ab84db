//! Many addresses at once: some answer, some only at last, some never; the report has them all.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use fantasm::fsm_action;
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, UrlFanOut,
        url_fan_out::{Context, Contexts, Fetch, Note, Split},
    },
    run::{ended, expect, visits},
};

/// A web that counts how often each address was asked for.
#[derive(Clone, Default)]
pub(crate) struct Web(Arc<Mutex<BTreeMap<String, u32>>>);

impl Web {
    fn get(&self, url: &str) -> fantasm::Result<String> {
        let mut calls = self.0.lock().unwrap();
        let n_calls = calls.entry(url.to_owned()).or_default();
        *n_calls += 1;
        match url.split_once(' ').map_or(url, |(kind, _)| kind) {
            "flaky" if *n_calls < 3 => Err(fantasm::Error::retryable("503")),
            "gone" => Err(fantasm::Error::permanent("410")),
            "down" => Err(fantasm::Error::retryable("no route to host")),
            _ => Ok("200".to_owned()),
        }
    }
}

#[fsm_action]
pub(crate) async fn split(cx: &mut Context) -> fantasm::Result<Split> {
    let mut urls = std::mem::take(&mut cx.urls).into_iter();
    cx.url = urls.next().ok_or_else(|| fantasm::Error::halt("there is nothing to fetch"))?;
    for url in urls {
        cx.fork(UrlFanOut { url, ..UrlFanOut::default() });
    }
    Ok(Split::Url)
}

#[fsm_action]
pub(crate) async fn fetch(cx: &mut Context, web: &Web) -> fantasm::Result<Fetch> {
    let result = web.get(&cx.url)?;
    cx.results.push(result);
    Ok(Fetch::Fetched)
}

/// Both ways meet here, so that all come to the join by the same event from the same state.
#[fsm_action]
pub(crate) async fn note(cx: &mut Context) -> Note {
    let result = cx.cause().or(cx.results.first().map(String::as_str)).unwrap_or_default();
    cx.results = vec![format!("{}: {result}", cx.url)];
    Note::Noted
}

#[fsm_action]
pub(crate) async fn report(cx: &mut Context, batch: Contexts) {
    cx.results = batch.iter().flat_map(|url| url.results.clone()).collect();
    cx.results.sort();
}

on_every_store! {
    every_address_is_in_the_one_report
    nothing_to_fetch_is_no_failure
}

async fn every_address_is_in_the_one_report(world: World) {
    let web = Web::default();
    let urls = ["down 1", "fine 1", "fine 2", "fine 3", "flaky 1", "flaky 2", "gone 1"].map(str::to_owned);
    let mut worker = world.worker(machines::all()).service(web.clone());
    let start = UrlFanOut { urls: urls.to_vec(), ..UrlFanOut::default() };
    let run = worker.client().start(start).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let instance = ended(&run).await.unwrap();
    let expected = [
        "down 1: no route to host",
        "fine 1: 200",
        "fine 2: 200",
        "fine 3: 200",
        "flaky 1: 200",
        "flaky 2: 200",
        "gone 1: 410",
    ];
    assert_eq!(instance.data::<UrlFanOut>().unwrap().results, expected);
    let n_calls: Vec<u32> = web.0.lock().unwrap().values().copied().collect();
    assert_eq!(n_calls, [3, 1, 1, 1, 3, 3, 1], "two retries at most, and none where none would help");
    // A failure that another state takes over is a task that is done.
    assert_eq!(visits(&run).await, expect([("Split", 1), ("Fetch", 7), ("Note", 7), ("Report", 1)]));
    let seconds = instance.ended_at.unwrap().duration_since(instance.created_at).as_secs();
    assert_eq!(seconds, 5 + 10, "the join waits for the last retry and no longer");
    world.backend.assert_no_work_left();
}

async fn nothing_to_fetch_is_no_failure(world: World) {
    let mut worker = world.worker(machines::all()).service(Web::default());
    let run = worker.client().start(UrlFanOut::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(ended(&run).await.unwrap().reason.as_deref(), Some("there is nothing to fetch"));
}
