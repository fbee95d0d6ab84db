//! What follows an instance when it has ended.

use fantasm::{StartError, fsm_action, store::InstanceStatus};
use fantasm_tests::{World, on_every_store};

use crate::machines::{self, Aftermath, Fragile, aftermath::Context};

#[fsm_action]
pub(crate) async fn hear(cx: &mut Context) {
    cx.log().info(&cx.status);
}

on_every_store! {
    another_machine_follows_whatever_the_end
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
