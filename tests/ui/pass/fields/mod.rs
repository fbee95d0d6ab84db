//! Actions with fields, as classes of Fantasm are; and the key that an action with effects takes.

use std::sync::{Arc, Mutex};

use fantasm::{
    Page, Scratch, TaskKey, fsm_action,
    store::MemoryStore,
    testing::{ManualClock, StepWorker},
};
use machines::{
    Fields,
    fields::{Context, Contexts, Send as Event},
};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/fields/fantasm.rs"));
}

#[derive(Debug, Clone, Default)]
pub(super) struct Sender {
    letters: u8,
    keys: Arc<Mutex<Vec<TaskKey>>>,
}

#[fsm_action(external)]
impl Sender {
    async fn continuation(&self, _cx: &Context, token: Option<u8>) -> fantasm::Result<Page<u8, u8>> {
        let letter = token.unwrap_or_default();
        Ok(Page::new(vec![letter], Some(letter + 1).filter(|next| *next < self.letters)))
    }

    /// Sends a page of letters.
    pub(super) async fn execute(
        &self,
        cx: &mut Context,
        letters: Page<u8, u8>,
        key: TaskKey,
        scratch: &mut Scratch,
    ) -> fantasm::Result<Option<Event>> {
        assert_eq!((letters.len(), scratch.take()), (1, Some("Dear")));
        assert_eq!(key, cx.idempotency_key());
        self.remember(key);
        cx.sent += 1;
        Ok(Some(Event::Sent))
    }

    fn remember(&self, key: TaskKey) {
        self.keys.lock().unwrap().push(key);
    }
}

#[derive(Debug, Default)]
pub(super) struct Greeter {
    word: &'static str,
}

#[fsm_action]
impl Greeter {
    async fn execute(&self, _cx: &mut Context, scratch: &mut Scratch) {
        scratch.insert(self.word);
    }
}

#[derive(Debug, Default)]
pub(super) struct Counter;

#[fsm_action]
impl Counter {
    pub(super) async fn execute(&self, cx: &mut Context, batch: Contexts, greeter: &Greeter) {
        assert_eq!(greeter.word, "Dear");
        cx.sent = batch.iter().map(|data| data.sent).sum();
    }
}

#[tokio::test]
async fn a_method_is_an_ordinary_method() {
    let mut cx = Context::new(Fields::default());
    let batch = Contexts::new(vec![Fields { sent: 3 }, Fields { sent: 4 }]);
    Counter.execute(&mut cx, batch, &Greeter { word: "Dear" }).await;
    assert_eq!(cx.sent, 7);
}

#[tokio::test]
async fn the_values_come_from_the_worker() {
    let clock = Arc::new(ManualClock::new());
    let store = MemoryStore::with_clock(clock.clone());
    let sender = Sender { letters: 3, ..Sender::default() };
    let mut worker = StepWorker::new(store, clock)
        .machines(machines::all())
        .service(sender.clone())
        .service(Greeter { word: "Dear" })
        .service(Counter);
    let run = worker.client().start(Fields::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    run.finished().await.unwrap();
    let mut keys = sender.keys.lock().unwrap().clone();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 3);
}
