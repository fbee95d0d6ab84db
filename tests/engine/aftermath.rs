//! What follows an instance when it has ended.

use fantasm::{MAX_CONTEXT_BYTES, StartError, fsm_action, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::machines::{self, Aftermath, Fragile, Receipt, aftermath::Context};

#[fsm_action]
pub(crate) async fn hear(cx: &mut Context) {
    cx.log().info(&cx.status);
}

on_every_store! {
    another_machine_follows_whatever_the_end
    the_end_is_told_however_large_the_context
}

async fn another_machine_follows_whatever_the_end(world: World) {
    for (how, cause, status, reason) in [
        ("", "", InstanceStatus::Finished, ""),
        ("halt", "", InstanceStatus::Halted, "nobody asked"),
        ("", "restless", InstanceStatus::Failed, ""),
    ] {
        let mut worker = world.worker(machines::all());
        let fragile = Fragile { how: how.to_owned(), cause: cause.to_owned() };
        let run = worker.client().start(fragile).key(format!("k{how}{cause}")).then::<Aftermath>().await.unwrap();
        worker.run_until_idle().await.unwrap();
        assert_eq!(run.inspect().await.unwrap().status, status);
        // On both stores the next instance has the next number of its kind.
        let follower = (run.id().0 + 1..run.id().0 + 20).map(|id| worker.client().run(fantasm::InstanceId(id)));
        let mut heard = None;
        for follower in follower {
            match follower.inspect().await {
                Ok(instance) if instance.machine == "Aftermath" => heard = Some(instance),
                _ => {}
            }
        }
        let heard = heard.expect("it was started with the end");
        assert_eq!((heard.status, heard.parent), (InstanceStatus::Finished, Some(run.id())));
        let told: Aftermath = heard.data().unwrap();
        assert_eq!((told.instance, told.machine.as_str(), told.key), (run.id().0, "Fragile", format!("k{how}{cause}")));
        assert_eq!((told.status.as_str(), told.reason.as_str()), (status.as_str(), reason));
        assert_eq!(told.context["cause"], cause);
    }
}

/// With what else there is to tell it is larger than any step may leave it: who takes all of it and keeps it has failed, where
/// everybody sees it, and who takes what it needs goes on.
async fn the_end_is_told_however_large_the_context(world: World) {
    let mut worker = world.worker(machines::all());
    let fragile = |cause| Fragile { how: "tried".to_owned(), cause };
    let n_bytes = MAX_CONTEXT_BYTES - r#"{"how":"tried","cause":""}"#.len();
    let client = worker.client();
    let run = client.start(fragile("x".repeat(n_bytes))).then::<Aftermath>().then::<Receipt>().await.unwrap();
    worker.run_until_idle().await.unwrap();
    let ended = run.finished().await.unwrap();
    assert_eq!(ended.context.replace([' ', '\n'], "").len(), MAX_CONTEXT_BYTES);
    let mut followers = Vec::new();
    for id in run.id().0 + 1..run.id().0 + 20 {
        followers.extend(client.run(fantasm::InstanceId(id)).inspect().await);
    }
    let [keeps, takes] = &followers[..] else { panic!("two follow: {followers:?}") };
    assert_eq!((keeps.machine.as_str(), keeps.status), ("Aftermath", InstanceStatus::Failed));
    let task = &keeps.failed[0];
    assert!(task.error.contains(" bytes of JSON, the limit is 262144: keep large data elsewhere"), "{}", task.error);
    assert!(task.context.contains(&"x".repeat(n_bytes)), "all of it was told");
    assert_eq!((takes.machine.as_str(), takes.status), ("Receipt", InstanceStatus::Finished));
}

#[tokio::test]
async fn what_cannot_follow_is_told_at_the_start() {
    use fantasm::{Client, store::MemoryStore};

    let client = Client::new(MemoryStore::new());
    for url in ["ftp://example.com/", "example.com", ""] {
        let refused = client.start(Fragile::default()).webhook(url).await;
        let Err(StartError::Context(error)) = refused else { panic!("{url}: {refused:?}") };
        assert_eq!(
            error.to_string(),
            format!("`{url}` is no address of a webhook: it begins with `https://` or `http://`")
        );
    }
}
