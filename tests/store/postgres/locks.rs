//! A transaction of somebody else that stays open holds up what waits for it, and nothing else.

use std::time::Duration;

use fantasm::store::{PostgresStore, Store};
use fantasm_tests::{Cluster, connect};
use tokio::task::JoinSet;

use super::instance;

/// More starts wait for the key than there are committers.
#[tokio::test]
async fn a_key_of_an_open_transaction_holds_up_nobody_else() {
    let cluster = Cluster::shared();
    let store = PostgresStore::builder(&cluster.url()).schema("held").connections(2).connect().await.unwrap();
    let mut connections = JoinSet::new();
    let mut other = connect(&mut connections, &cluster.url()).await;
    let tx = other.transaction().await.unwrap();
    let insert = "INSERT INTO held.instance (machine, key, status, n_live, context, created_at)
                  VALUES ('Machine', 'held', 'active', 0, '{}', now())";
    tx.execute(insert, &[]).await.unwrap();

    let mut held: Vec<_> = (0..6).map(|_| store.start(vec![instance(Some("held"))])).collect();
    // They were handed over before these, which are answered all the same: the other transaction does not end before.
    let free = (0..20).map(|n| store.start(vec![instance(Some(&n.to_string()))])).collect::<Vec<_>>();
    let all_free = async {
        for start in free {
            assert!(start.await.unwrap()[0].is_new);
        }
        for n in 20..40 {
            assert!(store.start(vec![instance(Some(&n.to_string()))]).await.unwrap()[0].is_new);
        }
    };
    tokio::time::timeout(Duration::from_secs(25), all_free).await.expect("they do not wait for the key");

    tx.rollback().await.unwrap();
    let mut n_new = 0;
    for start in held.drain(..) {
        n_new += u32::from(start.await.expect("the key is free")[0].is_new);
    }
    assert_eq!(n_new, 1);
    drop(other);
    connections.join_next().await.unwrap().unwrap();
}
