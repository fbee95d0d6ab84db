//! A page on which there is nothing to do: its action is not run, but its entry was.

use std::sync::{Arc, Mutex};

use fantasm::{Page, continuation, fsm_action, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::{
    machines::{self, DynamicQueue, Scout, scout::Context},
    run::{ended, expect, visits},
};

/// The keys of those who were sent out.
#[derive(Clone, Default)]
pub(crate) struct Roster(Arc<Mutex<Vec<String>>>);

#[fsm_action]
pub(crate) async fn report_back(cx: &mut Context, roster: &Roster) {
    cx.n_entries += 1;
    let key = cx.idempotency_key().to_string();
    roster.0.lock().unwrap().push(key.clone());
    cx.spawn(&DynamicQueue::default()).key(key);
}

#[continuation(look)]
async fn places(_: &Context, token: Option<u64>) -> Page<u64, u64> {
    match token.unwrap_or(0) {
        2 => Page::skip(None),
        place => Page::new(vec![place], Some(place + 1)),
    }
}

#[fsm_action]
pub(crate) async fn look(cx: &mut Context, page: Page<u64, u64>) {
    assert_eq!((page.len(), cx.n_entries), (1, 1), "the skipped page does not come here");
}

on_every_store! {
    what_the_entry_of_a_skipped_page_did_is_kept
}

async fn what_the_entry_of_a_skipped_page_did_is_kept(world: World) {
    let roster = Roster::default();
    let mut worker = world.worker(machines::all()).service(roster.clone());
    let run = worker.client().start(Scout::default()).await.unwrap();
    worker.run_until_idle().await.unwrap();
    let scout = ended(&run).await.unwrap();
    assert_eq!(scout.data::<Scout>().unwrap().n_entries, 1);
    assert_eq!(visits(&run).await, expect([("Look", 3)]));
    let keys = roster.0.lock().unwrap().clone();
    assert_eq!(keys.len(), 3);
    for key in keys {
        let child = worker.client().find::<DynamicQueue>(&key).await.unwrap().expect("each page sent one out");
        let child = ended(&child).await.unwrap();
        assert_eq!((child.parent, child.status), (Some(scout.id), InstanceStatus::Finished));
    }
    world.backend.assert_no_work_left();
}
