//! How a machine is tested: its actions as functions, and the whole of it on a clock that moves by itself.

use std::sync::Arc;

use fantasm::{
    Page,
    store::{InstanceStatus, MemoryStore},
    testing::{CrashSweep, ManualClock, Scenario, StepWorker},
};

use crate::{
    email_batch::send_email,
    machines::{
        self, EmailBatch,
        email_batch::{Context, SendEmail},
    },
    mailing::{Mailing, Subscriber},
};

#[tokio::test]
async fn an_action_is_a_function() {
    let mut cx = Context::new(EmailBatch { campaign: "spring".into(), ..Default::default() });
    let page = Page::new(vec![Subscriber { id: 7 }], None);
    let event = send_email(&mut cx, page, &Mailing::default()).await.unwrap();
    assert_eq!((event, cx.sent), (Some(SendEmail::Sent), 1));
}

#[tokio::test]
async fn all_pages_meet_in_one_count() -> fantasm::Result<()> {
    let clock = Arc::new(ManualClock::new());
    let store = MemoryStore::with_clock(clock.clone());
    let mut worker = StepWorker::new(store, clock).machines(machines::all()).service(Mailing::default());

    let run = worker.client().start(EmailBatch::default()).await?;
    worker.run_until_idle().await?; // whatever there is to wait for takes no time

    let ended = run.inspect().await?;
    assert_eq!(ended.status, InstanceStatus::Finished);
    assert_eq!(ended.context, r#"{"campaign":"","sent":250}"#);
    Ok(())
}

#[tokio::test]
async fn whatever_crashes_every_mail_is_sent_once() -> fantasm::Result<()> {
    let sweep = CrashSweep::new(async || {
        let clock = Arc::new(ManualClock::new());
        let store = MemoryStore::with_clock(clock.clone());
        let mailing = Mailing::default();
        let scenario = Scenario::new(store, clock, mailing.clone()).machines(machines::all()).service(mailing);
        Ok(scenario.start(EmailBatch::default()))
    });
    let swept = sweep
        .run(async |end| {
            assert_eq!(end.instance.context, r#"{"campaign":"","sent":250}"#, "{end}");
            assert_eq!(end.effects.n_sent().await, 250, "{end}");
        })
        .await?;
    assert!(swept.coverage.missed().is_empty(), "{}", swept.coverage);
    Ok(())
}
