//! Hears of the other processes' writes, and tells them of ours, on a connection of its own.
//!
//! A notice in the transaction that it is about would make all commits of the server wait for each other
//! (`NOTIFY` holds a lock over the commit), so it follows in one of its own, at most every few milliseconds. Should it be
//! lost nothing is: everybody also looks by himself, slowly.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Config};

use super::{
    dial::{self, Dial, Link},
    inner::Inner,
    limit,
    tx::{News, quoted},
};
use crate::{id::InstanceId, store::StoreError};

/// How long what happens is gathered before others are told of it.
const PAUSE: Duration = Duration::from_millis(5);

/// How long we wait before we connect again, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How many ends one notice names; whoever waits for more looks by himself.
const MAX_ENDED: usize = 300;

/// Listens and tells until the store is closed.
pub(super) async fn serve(
    store: Arc<Inner>,
    dial: Arc<dyn Dial>,
    config: Config,
    mut news: mpsc::UnboundedReceiver<News>,
) {
    // Our own notices come back to us; we know that already.
    let origin = uuid::Uuid::new_v4().simple().to_string();
    let mut backoff = BACKOFF.0;
    loop {
        match dial::within_limit(&*dial, &config).await {
            Ok((client, link)) => {
                backoff = BACKOFF.0;
                tokio::select! {
                    () = hear(&store, link, &origin) => {}
                    told = tell(&store, &client, &origin, &mut news) => match told {
                        Ok(()) => return,
                        Err(error) => tracing::debug!(%error, "the listening connection was lost"),
                    },
                }
            }
            Err(error) => tracing::debug!(%error, "the listening connection cannot be made"),
        }
        tokio::time::sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF.1);
    }
}

/// Drives the connection until it ends.
async fn hear(store: &Inner, mut link: Link, origin: &str) {
    while let Some(Ok(message)) = std::future::poll_fn(|cx| link(cx)).await {
        if let AsyncMessage::Notification(notice) = message {
            read_notice(store, notice.payload(), origin);
        }
    }
}

async fn tell(
    store: &Inner,
    client: &tokio_postgres::Client,
    origin: &str,
    news: &mut mpsc::UnboundedReceiver<News>,
) -> Result<(), StoreError> {
    let listen = format!("LISTEN {}", quoted(&store.schema));
    limit::within(store.limit, client.batch_execute(&listen)).await??;
    // Nobody knows what we have missed.
    store.notifier.notify_due();
    let statement = limit::within(store.limit, client.prepare("SELECT pg_notify($1, $2)")).await??;
    while let Some(mut all) = news.recv().await {
        while let Ok(next) = news.try_recv() {
            all.is_due_changed |= next.is_due_changed;
            all.ended.extend(next.ended);
        }
        let notice = notice(&all, origin);
        limit::within(store.limit, client.execute(&statement, &[&store.schema, &notice])).await??;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Who tells, whether something is due, and what has ended: `4f… due 17 18`.
fn notice(news: &News, origin: &str) -> String {
    let mut notice = origin.to_owned();
    if news.is_due_changed {
        notice.push_str(" due");
    }
    for id in news.ended.iter().take(MAX_ENDED) {
        notice.push_str(&format!(" {id}"));
    }
    notice
}

fn read_notice(store: &Inner, notice: &str, origin: &str) {
    let mut words = notice.split(' ');
    if words.next() == Some(origin) {
        return;
    }
    for word in words {
        match word.parse() {
            Ok(id) => store.notifier.notify_ended(InstanceId(id)),
            Err(_) => store.notifier.notify_due(),
        }
    }
}
