//! The same through another driver, which knows nothing of fantasm.

use fantasm::store::InstanceStatus;
use sqlx::{Connection as _, PgConnection, Row as _};

use super::Database;
use crate::machines::Order;

#[tokio::test]
async fn a_transaction_of_sqlx_starts_when_it_commits_and_not_when_it_is_rolled_back() {
    let database = Database::new("sqlx").await;
    database.introduce().await;
    let mut other = PgConnection::connect(&fantasm_tests::Cluster::shared().url()).await.unwrap();
    let start = database.sql("SELECT fantasm.start('Order', $1::jsonb, key => $2)");
    let find = async |key: &str| database.client.find::<Order>(key).await.unwrap();
    for (key, is_kept) in [("rolled back", false), ("committed", true)] {
        let mut tx = other.begin().await.unwrap();
        let row = sqlx::query(&start).bind(r#"{"cents": 21}"#).bind(key).fetch_one(&mut *tx).await.unwrap();
        let id: i64 = row.get(0);
        assert!(find(key).await.is_none(), "nobody sees what may be undone");
        let ended = if is_kept { tx.commit().await } else { tx.rollback().await };
        ended.unwrap();
        assert_eq!(find(key).await.map(|run| run.id().0), is_kept.then_some(id));
    }
    let worker = database.worker().await;
    let ended = find("committed").await.unwrap().finished().await.unwrap();
    assert_eq!((ended.status, ended.data::<Order>().unwrap().cents), (InstanceStatus::Finished, 42));
    worker.shutdown().await.unwrap();
}
