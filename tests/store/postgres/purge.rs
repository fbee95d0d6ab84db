//! What others refer to stays, and keeps nothing else.

use std::{num::NonZeroU32, time::Duration};

use fantasm::{
    Clock, SystemClock,
    store::{PostgresStore, Store},
};
use fantasm_tests::Cluster;

use super::instance;

/// Those that are referred to are the oldest, and as many as are removed at once.
#[tokio::test]
async fn what_others_refer_to_is_passed_over() {
    for (schema, deferred) in [("referred", ""), ("referred_later", "DEFERRABLE INITIALLY DEFERRED")] {
        let cluster = Cluster::shared();
        let store = PostgresStore::builder(&cluster.url()).schema(schema).connections(2).connect().await.unwrap();
        let mut ids = Vec::new();
        for started in store.start((0..20).map(|_| instance(None)).collect()).await.unwrap() {
            assert!(store.cancel(started.id).await.unwrap());
            ids.push(started.id);
        }
        cluster.query(&format!(
            "CREATE TABLE {schema}.invoice (run bigint REFERENCES {schema}.instance (id) {deferred});
             INSERT INTO {schema}.invoice
             SELECT id FROM (SELECT id FROM {schema}.instance ORDER BY ended_at, id LIMIT 5) AS oldest"
        ));
        let later = SystemClock.now() + Duration::from_secs(3600);
        let five = NonZeroU32::new(5).unwrap();
        for expected in [5, 5, 5, 0] {
            assert_eq!(store.purge(later, five).await.unwrap(), expected);
        }
        for (place, id) in ids.iter().enumerate() {
            assert_eq!(store.instance(*id).await.unwrap().is_some(), place < 5, "{place}");
        }
    }
}

/// A key that is purged just when it is started anew.
#[tokio::test]
async fn a_start_beside_a_purge_finds_its_key_or_has_it() {
    let store =
        PostgresStore::builder(&Cluster::shared().url()).schema("beside").connections(8).connect().await.unwrap();
    let later = SystemClock.now() + Duration::from_secs(3600);
    let starting = async {
        for _ in 0..400 {
            let start = async || {
                let started = store.start(vec![instance(Some("key"))]).await?;
                store.cancel(started[0].id).await
            };
            let (one, other) = tokio::join!(start(), start());
            one.expect("it is started");
            other.expect("it is started");
        }
    };
    let purging = async {
        loop {
            store.purge(later, NonZeroU32::MAX).await.unwrap();
        }
    };
    tokio::select! {
        () = starting => {}
        () = purging => {}
    }
}
