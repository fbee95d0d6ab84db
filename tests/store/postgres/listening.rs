//! Where a store hears of the writes of others.

use std::time::Duration;

use fantasm::{
    TaskKey,
    store::{Hop, NewInstance, NewTask, PostgresStore, Store},
};
use fantasm_tests::Cluster;

#[tokio::test]
async fn a_store_hears_of_others_by_the_url_that_it_was_given_for_that() {
    let cluster = Cluster::shared();
    let builder = || PostgresStore::builder(&Cluster::shared().url()).schema("heard").connections(1);
    let other = builder().connect().await.unwrap();
    let hearing = builder().listen_url(format!("{}?application_name=ears", cluster.url())).connect().await.unwrap();
    let mut due = hearing.notifier().due();
    // A store that begins to listen looks for what it has missed.
    due.changed().await.unwrap();
    let ears = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name = 'ears'";
    assert_eq!(cluster.query(ears), "ears");

    due.mark_unchanged();
    let task = NewTask::new(TaskKey::random(), Hop::Start { to: "State".to_owned() }, "default", "{}");
    other.start(vec![NewInstance::new("Machine", "{}", task)]).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), due.changed()).await.expect("it hears of it").unwrap();
}
