//! What the machine works with: made-up subscribers, and a mailer whose mails stay here.

use std::{collections::BTreeSet, io, sync::Arc};

use fantasm::TaskKey;
use tokio::sync::Mutex;

/// How many subscribers there are.
const N_SUBSCRIBERS: i64 = 250;

/// The mailing list and its mailer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mailing {
    sent: Arc<Mutex<BTreeSet<(i64, String)>>>,
}

/// Somebody who wants mail.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) id: i64,
}

impl Mailing {
    /// The `limit` subscribers after the one with that number.
    pub(crate) async fn subscribers_after(&self, id: i64, limit: usize) -> io::Result<Vec<Subscriber>> {
        Ok((id + 1..=N_SUBSCRIBERS).take(limit).map(|id| Subscriber { id }).collect())
    }

    /// Sends one mail. A page that is run again passes the same key again, and nobody gets the mail twice.
    pub(crate) async fn send(&self, to: &Subscriber, campaign: &str, key: TaskKey) -> io::Result<()> {
        self.sent.lock().await.insert((to.id, format!("{campaign} {key}")));
        Ok(())
    }

    /// How many mails were sent.
    #[cfg(test)]
    pub(crate) async fn n_sent(&self) -> usize {
        self.sent.lock().await.len()
    }
}
