//! A clock that somebody sets, forward or back: the machine's own, which is the store's.

use std::{sync::Arc, time::Duration};

use fantasm::{
    Clock,
    store::{InstanceStatus, SqliteStore, Store, StoreErrorKind, Verdict},
    testing::ManualClock,
};
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{claiming, instance, register, start};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn done() -> Verdict {
    Verdict::Done { next: Vec::new(), context: "{}".to_owned() }
}

/// A store on a clock of the present, where a worker has taken one of two tasks; a third is to wait for a minute.
struct Scene {
    folder: TempDir,
    clock: Arc<ManualClock>,
    store: SqliteStore,
}

impl Scene {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::stopped_at(Timestamp::from_second(1_800_000_000).unwrap()));
        let store = SqliteStore::open_with_clock(folder.path().join("store.db"), clock.clone()).await.unwrap();
        Self { folder, clock, store }
    }

    fn set_back(&self, by: Duration) {
        self.clock.set(self.clock.now().checked_sub(by).unwrap());
    }
}

#[tokio::test]
async fn a_clock_that_is_set_forward_doubles_no_step() {
    let Scene { folder: _folder, clock, store } = Scene::new().await;
    let id = start(&store, None, "{}").await.unwrap().id;
    let first = register(&store).await;
    let theirs = store.claim(claiming(first)).await.unwrap().remove(0);
    clock.advance(DAY);
    let second = register(&store).await;
    let ours = store.claim(claiming(second)).await.unwrap().remove(0);
    assert_eq!(ours.task.key, theirs.task.key, "the first one's lease has run out, although it lives");
    for refused in [store.commit(theirs.lease, done().into()).await, store.renew(first, DAY).await] {
        assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::LeaseLost);
    }
    store.commit(ours.lease, done().into()).await.unwrap();
    assert_eq!(store.instance(id).await.unwrap().unwrap().status, InstanceStatus::Finished);
    assert_eq!(store.history(id).await.unwrap().len(), 1, "it was done once");
}

/// Nothing new waits, nor does what a worker does that lives; what had a time waits until the clock shows that again.
#[tokio::test]
async fn a_clock_that_is_set_back_holds_up_what_was_due_by_so_much_and_nothing_else() {
    let scene = Scene::new().await;
    let store = &scene.store;
    let (dead, lives) = (register(store).await, register(store).await);
    start(store, None, "\"of the dead\"").await.unwrap();
    store.claim(claiming(dead)).await.unwrap();
    start(store, None, "\"of the living\"").await.unwrap();
    let held = store.claim(claiming(lives)).await.unwrap().remove(0);
    start(store, None, "\"due before\"").await.unwrap();
    scene.set_back(DAY);
    store.renew(lives, Duration::from_secs(10)).await.expect("whoever lives keeps its lease");
    store.commit(held.lease, done().into()).await.unwrap();
    assert_eq!(store.claim(claiming(lives)).await.unwrap(), []);
    assert_eq!(store.next_due(claiming(lives)).await.unwrap(), Some(DAY), "no longer than it was set back");
    store.start(vec![instance(None, "\"new\"")]).await.unwrap();
    assert_eq!(store.claim(claiming(lives)).await.unwrap()[0].task.context, "\"new\"");
    scene.clock.advance(DAY);
    store.renew(lives, Duration::from_secs(20)).await.unwrap();
    assert_eq!(store.claim(claiming(lives)).await.unwrap()[0].task.context, "\"due before\"");
    scene.clock.advance(Duration::from_secs(10));
    assert_eq!(store.claim(claiming(lives)).await.unwrap()[0].task.context, "\"of the dead\"");
}

/// The statements are those of the guide.
#[tokio::test]
async fn what_waits_for_a_time_that_was_wrong_is_let_go_by_sql() {
    let scene = Scene::new().await;
    let store = &scene.store;
    let dead = register(store).await;
    start(store, None, "\"of the dead\"").await.unwrap();
    store.claim(claiming(dead)).await.unwrap();
    start(store, None, "\"due before\"").await.unwrap();
    scene.set_back(10 * 365 * DAY);
    let guide = include_str!("../../../fantasm/docs/guarantees.md");
    let sql = guide.split("```sql").nth(1).and_then(|after| after.split("```").next()).expect("the guide says how");
    Connection::open(scene.folder.path().join("store.db")).unwrap().execute_batch(sql).unwrap();
    let lives = register(store).await;
    let claims = store.claim(claiming(lives)).await.unwrap();
    let contexts: Vec<_> = claims.iter().map(|claim| claim.task.context.as_str()).collect();
    assert_eq!(contexts, ["\"due before\"", "\"of the dead\""]);
}
