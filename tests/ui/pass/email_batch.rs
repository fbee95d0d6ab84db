//! The machine of the guide: every kind of signature.

use fantasm::{Page, Scratch, continuation, fsm_action};

use super::machines::{
    EmailBatch,
    email_batch::{Context, Contexts, SendEmail},
};

#[derive(Debug)]
pub(super) struct Subscriber(i64);

#[derive(Debug)]
pub(super) struct Mailer;

#[derive(Debug)]
pub(super) struct Db;

#[continuation(send_email)]
async fn subscribers(_cx: &Context, token: Option<i64>, _db: &Db) -> fantasm::Result<Page<Subscriber, i64>> {
    let first = token.unwrap_or_default();
    Ok(Page::new(vec![Subscriber(first), Subscriber(first + 1)], (first < 4).then_some(first + 2)))
}

#[fsm_action]
pub(super) async fn send_email(
    cx: &mut Context,
    page: Page<Subscriber, i64>,
    _mailer: &Mailer,
) -> fantasm::Result<Option<SendEmail>> {
    cx.sent += page.iter().map(|subscriber| subscriber.0).sum::<i64>();
    Ok(Some(SendEmail::Sent))
}

#[fsm_action]
pub(super) async fn count_sent(cx: &mut Context, batch: Contexts, _db: &Db) -> fantasm::Result<()> {
    cx.sent = batch.iter().map(|data| data.sent).sum();
    Ok(())
}

#[fsm_action]
pub(super) async fn log_entry(_cx: &mut Context, _batch: Contexts, scratch: &mut Scratch) -> fantasm::Result<()> {
    scratch.insert("entered");
    Ok(())
}

#[tokio::test]
async fn an_action_is_an_ordinary_function() {
    let mut cx = Context::new(EmailBatch { campaign: "spring".into(), ..EmailBatch::default() });
    let page = subscribers(&cx, None, &Db).await.unwrap();
    assert_eq!(send_email(&mut cx, page, &Mailer).await.unwrap(), Some(SendEmail::Sent));
    let batch = Contexts::new(vec![cx.data().clone(), cx.data().clone()]);
    count_sent(&mut cx, batch, &Db).await.unwrap();
    assert_eq!(cx.sent, 2);
}

#[test]
fn the_machine_is_registered() {
    let all = super::machines::all();
    assert_eq!(all.iter().map(|machine| machine.descriptor.name).collect::<Vec<_>>(), ["EmailBatch"]);
}
