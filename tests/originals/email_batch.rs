//! Mails to many subscribers, counted while they go out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use fantasm::{Page, TaskKey, continuation, fsm_action, pages};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{
        self, EmailBatch,
        email_batch::{Context, Contexts, SendEmail},
    },
    run::{ended, expect, visits},
};

/// Where mails are sent and counted; whoever passes the same key on again changes nothing.
#[derive(Clone, Default)]
pub(crate) struct Office(Arc<Mutex<Books>>);

#[derive(Default)]
struct Books {
    mails: BTreeSet<(TaskKey, u64)>,
    n_calls: usize,
    /// How many pages each count had, and how many mails.
    counts: BTreeMap<TaskKey, (usize, i64)>,
}

#[continuation(send_email)]
async fn subscribers(cx: &Context, token: Option<u64>) -> fantasm::Result<Page<u64, u64>> {
    Ok(pages::range(0..u64::try_from(cx.subscribers)?, token, 50))
}

/// Fails in the middle of the third page, once.
#[fsm_action]
pub(crate) async fn send_email(
    cx: &mut Context,
    page: Page<u64, u64>,
    office: &Office,
) -> fantasm::Result<Option<SendEmail>> {
    let mut books = office.0.lock().unwrap();
    for subscriber in &page {
        if (*subscriber, cx.attempt()) == (125, 1) {
            return Err(fantasm::Error::retryable("the mail server is busy"));
        }
        books.n_calls += 1;
        books.mails.insert((cx.idempotency_key(), *subscriber));
        cx.sent += 1;
    }
    Ok((cx.sent > 0).then_some(SendEmail::Sent))
}

#[fsm_action]
pub(crate) async fn count_sent(cx: &mut Context, batch: Contexts, office: &Office) {
    cx.sent = batch.iter().map(|page| page.sent).sum();
    office.0.lock().unwrap().counts.insert(cx.idempotency_key(), (batch.len(), cx.sent));
}

on_every_store! {
    every_mail_is_sent_and_counted
    nobody_is_mailed_where_nobody_subscribed
}

async fn every_mail_is_sent_and_counted(world: World) {
    let office = Office::default();
    let mut worker = world.worker(machines::all()).service(office.clone());
    let run = worker.client().start(EmailBatch { subscribers: 230, sent: 0 }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert_eq!(visits(&run).await, expect([("SendEmail", 5), ("CountSent", 2)]));
    let books = office.0.lock().unwrap();
    let subscribers: Vec<u64> = books.mails.iter().map(|(_, subscriber)| *subscriber).collect();
    assert_eq!((subscribers.len(), subscribers.into_iter().collect()), (230, (0..230).collect::<BTreeSet<_>>()));
    assert_eq!(books.n_calls, 230 + 25, "half a page was sent twice, under the same key");
    // Seconds 0 and 1 meet; so do 2, 3 and 4, since the third page came a little later.
    let mut counts: Vec<_> = books.counts.values().copied().collect();
    counts.sort_unstable();
    assert_eq!(counts, [(2, 100), (3, 130)]);
    world.backend.assert_no_work_left();
}

async fn nobody_is_mailed_where_nobody_subscribed(world: World) {
    let office = Office::default();
    let mut worker = world.worker(machines::all()).service(office.clone());
    let run = worker.client().start(EmailBatch::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    ended(&run).await.unwrap();
    assert!(office.0.lock().unwrap().counts.is_empty());
    assert_eq!(visits(&run).await, expect([("SendEmail", 1)]), "the one page there is, is empty");
}
