//! The actions of the machine in fsm.yaml.

use fantasm::{Page, continuation, fsm_action, pages};

use crate::{
    machines::email_batch::{Context, Contexts, SendEmail},
    mailing::{Mailing, Subscriber},
};

const PAGE: usize = 100;

/// The subscribers after the one that `token` names. The next page's task is durable before this page is worked on.
#[continuation(send_email)]
async fn subscribers(_cx: &Context, token: Option<i64>, mailing: &Mailing) -> fantasm::Result<Page<Subscriber, i64>> {
    let rows = mailing.subscribers_after(token.unwrap_or(0), PAGE + 1).await?; // one more tells whether more follow
    Ok(pages::rows(rows, PAGE, |subscriber| subscriber.id))
}

/// Mails one page of subscribers.
#[fsm_action]
pub(crate) async fn send_email(
    cx: &mut Context,
    page: Page<Subscriber, i64>,
    mailing: &Mailing,
) -> fantasm::Result<Option<SendEmail>> {
    for subscriber in &page {
        mailing.send(subscriber, &cx.campaign, cx.idempotency_key()).await?; // an error is retried
        cx.sent += 1;
    }
    Ok((cx.sent > 0).then_some(SendEmail::Sent)) // `SendEmail::Snet` does not compile
}

/// Adds up what the pages sent.
#[fsm_action]
pub(crate) async fn count_sent(cx: &mut Context, pages: Contexts) -> fantasm::Result<()> {
    cx.sent = pages.iter().map(|page| page.sent).sum();
    println!("{}: {} mails", cx.campaign, cx.sent);
    Ok(())
}
