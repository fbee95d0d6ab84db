//! Starts in transactions of others, on PostgreSQL: by the client, and by SQL.

#[cfg(feature = "sqlx")]
mod sqlx;

use std::time::Duration;

use fantasm::{
    Client, MAX_CONTEXT_BYTES, MAX_HEADERS_BYTES, MAX_NAME_BYTES, StartError, TaskKey, Worker,
    store::{Hop, InstanceStatus, NewInstance, NewTask, PostgresStore, SqliteStore, Store, StoreErrorKind},
};
use fantasm_tests::{Cluster, connect};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_postgres::Transaction;

use crate::machines::{self, Errand, Fragile, Heap, Order};

/// A schema with a store on it, whose time is the server's, and a connection of somebody else.
struct Database {
    schema: String,
    store: PostgresStore,
    client: Client,
    db: tokio_postgres::Client,
    connections: JoinSet<()>,
}

impl Database {
    async fn new(name: &str) -> Self {
        // One that has to be quoted, as any may have to be.
        let schema = format!("within {name}");
        let store = PostgresStore::builder(&Cluster::shared().url()).schema(&schema).connections(2);
        let store = store.connect().await.unwrap();
        let mut connections = JoinSet::new();
        let db = connect(&mut connections, &Cluster::shared().url()).await;
        Self { schema, client: Client::new(store.clone()), store, db, connections }
    }

    async fn worker(&self) -> Worker {
        Worker::builder(self.store.clone()).machines(machines::all()).label("till").start().await.unwrap()
    }

    /// Waits until a worker has told of its machines, and ends it, so that nobody takes what the test looks at.
    async fn introduce(&self) {
        let worker = self.worker().await;
        while self.count("machine").await == 0 {
            tokio::task::yield_now().await;
        }
        worker.shutdown().await.unwrap();
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = self.sql(&format!("SELECT count(*) FROM fantasm.{table}"));
        self.db.query_one(&sql, &[]).await.unwrap().get(0)
    }

    fn sql(&self, sql: &str) -> String {
        sql.replace("fantasm.", &format!("\"{}\".", self.schema))
    }

    /// What a start has made, without what is another each time.
    async fn rows(&self, id: i64) -> Value {
        let sql = self.sql(
            "SELECT jsonb_build_object('instance', to_jsonb(i) - '{id,key,created_at}'::text[],
                                       'task', to_jsonb(t) - '{id,instance,key,created_at,run_at}'::text[],
                                       'waits', t.run_at - t.created_at, 'at once', t.created_at = i.created_at)::text
             FROM fantasm.instance AS i JOIN fantasm.task AS t ON t.instance = i.id WHERE i.id = $1",
        );
        serde_json::from_str(self.db.query_one(&sql, &[&id]).await.unwrap().get(0)).unwrap()
    }
}

/// The rows of a start with their contexts as what they mean: the server writes JSON with other blanks.
fn read(mut rows: Value) -> Value {
    for row in ["instance", "task"] {
        let context = &mut rows[row]["context"];
        *context = serde_json::from_str(context.as_str().unwrap()).unwrap();
    }
    rows
}

#[tokio::test]
async fn an_instance_starts_with_the_commit_of_the_caller_and_once() {
    let mut database = Database::new("commit").await;
    let worker = database.worker().await;
    for is_kept in [false, true] {
        let tx = database.db.transaction().await.unwrap();
        let run =
            database.client.start_in(&tx, database.client.start(Order { cents: 4 }).key("purchase 7")).await.unwrap();
        assert!(database.client.find::<Order>("purchase 7").await.unwrap().is_none(), "nobody else sees it");
        if is_kept {
            tx.commit().await.unwrap();
            let instance = run.finished().await.unwrap();
            assert_eq!((instance.status, instance.data::<Order>().unwrap().cents), (InstanceStatus::Finished, 8));
        } else {
            tx.rollback().await.unwrap();
            assert_eq!(database.client.find::<Order>("purchase 7").await.unwrap().map(|run| run.id()), None);
        }
    }
    worker.shutdown().await.unwrap();
}

/// A key is one of the machine, whatever its name was when the instance started that has it.
#[tokio::test]
async fn a_key_from_before_a_renaming_is_answered_in_a_transaction_too() {
    let mut database = Database::new("renamed").await;
    let first = NewTask::new(TaskKey::random(), Hop::Start { to: "Attempt".to_owned() }, "default", "{}");
    let before = NewInstance { key: Some("once".to_owned()), ..NewInstance::new("Brittle", "{}", first) };
    let id = database.store.start(vec![before]).await.unwrap()[0].id;
    let tx = database.db.transaction().await.unwrap();
    let start = database.client.start(Fragile::default()).key("once");
    assert_eq!(database.client.start_in(&tx, start).await.unwrap().id(), id);
    tx.commit().await.unwrap();
    assert_eq!(database.count("instance").await, 1);
}

#[tokio::test]
async fn psql_starts_what_a_worker_runs() {
    let database = Database::new("psql").await;
    database.introduce().await;
    let start = database.sql(r#"SELECT fantasm.start('Order', '{"cents": 21}', key => 'from a shell')"#);
    let cluster = Cluster::shared();
    cluster.query(&format!("BEGIN; {start}; ROLLBACK"));
    assert!(database.client.find::<Order>("from a shell").await.unwrap().is_none());
    let id = cluster.query(&start);
    assert_eq!(cluster.query(&start), id, "a key that is known is answered");
    let worker = database.worker().await;
    let run = database.client.find::<Order>("from a shell").await.unwrap().unwrap();
    assert_eq!(run.id().to_string(), id);
    assert_eq!(run.finished().await.unwrap().data::<Order>().unwrap().cents, 42);
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn rows_are_the_same_whoever_writes_them() {
    let mut database = Database::new("rows").await;
    database.introduce().await;
    let client = database.client.clone();
    let errand = || Errand { trace: "\0 \"ß\"".to_owned(), is_child: true };
    let asked = || {
        let start = client.start(errand()).queue("ni\u{e000}ght").delay(Duration::from_secs(90));
        start.header("trace", "7 \"\t\u{1}").header("Tenant", "blü")
    };
    let by_client = [client.start(Order { cents: 4 }).await.unwrap(), asked().await.unwrap()];
    let tx = database.db.transaction().await.unwrap();
    let within =
        [client.start_in(&tx, Order { cents: 4 }).await.unwrap(), client.start_in(&tx, asked()).await.unwrap()];
    tx.commit().await.unwrap();
    for (one, other) in by_client.iter().zip(&within) {
        assert_eq!(database.rows(one.id().0).await, database.rows(other.id().0).await);
    }

    // JSON of the server's own has no NUL, so it is given for both.
    let errand = || Errand { trace: "ß".to_owned(), is_child: true };
    let start = client.start(errand()).queue("ni\u{e000}ght").delay(Duration::from_secs(90));
    let start = start.header("trace", "7 \"\t\u{1}").header("Tenant", "blü").await.unwrap();
    let by_sql = [
        (by_client[0].id(), r#"'Order', '{"cents": 4}'"#),
        (
            start.id(),
            r#"'Errand', '{"is_child": true, "trace": "ß"}', queue => U&'ni\E000ght', delay => '90 seconds',
               headers => '{"trace": "7 \"\t\u0001", "Tenant": "blü"}'"#,
        ),
    ];
    for (one, arguments) in by_sql {
        let sql = database.sql(&format!("SELECT fantasm.start({arguments})"));
        let other = database.db.query_one(&sql, &[]).await.unwrap().get(0);
        assert_eq!(read(database.rows(one.0).await), read(database.rows(other).await));
    }
}

#[tokio::test]
async fn of_two_transactions_with_one_key_one_starts_and_both_are_answered() {
    let mut database = Database::new("race").await;
    let mut other = connect(&mut database.connections, &Cluster::shared().url()).await;
    let start = async |tx: &Transaction<'_>, key: &str| {
        database.client.start_in(tx, database.client.start(Order { cents: 1 }).key(key)).await.unwrap().id()
    };
    for is_kept in [true, false] {
        let key = format!("kept: {is_kept}");
        let (first, second) = (database.db.transaction().await.unwrap(), other.transaction().await.unwrap());
        let id = start(&first, &key).await;
        assert_eq!(start(&first, &key).await, id, "the transaction sees its own");
        // The second waits for what becomes of the first.
        let end = async { if is_kept { first.commit().await } else { first.rollback().await } };
        let (again, ended) = tokio::join!(start(&second, &key), end);
        ended.unwrap();
        second.commit().await.unwrap();
        assert_eq!(again == id, is_kept);
        assert_eq!(database.client.find::<Order>(&key).await.unwrap().map(|run| run.id()), Some(again));
    }
}

#[tokio::test]
async fn a_start_by_sql_says_what_is_wrong() {
    let database = Database::new("wrong").await;
    let refusal = async |arguments: &str| {
        let sql = database.sql(&format!("SELECT fantasm.start({arguments})"));
        let error = database.db.query_one(&sql, &[]).await.expect_err(arguments);
        let error = error.as_db_error().unwrap();
        format!("{} {}", error.message(), error.hint().unwrap_or_default())
    };
    assert!(refusal("'Order'").await.contains(r#"machine "Order" is not known here; known: none Workers tell of"#));
    database.introduce().await;
    for (arguments, why) in [
        (
            "'Ordre'",
            "machine \"Ordre\" is not known here; known: Aftermath, Delta, Errand, Fragile, Heap, Order, Parent, Receipt",
        ),
        ("NULL", "machine \"<NULL>\" is not known"),
        ("'fantasm.Retention'", "is not known here"),
        ("'Heap'", "begins with a fan-in"),
        ("'Order', '[1]'", "JSON objects, here they are: array, object"),
        (r#"'Order', '"{}"'"#, "JSON objects, here they are: string, object"),
        (r#"'Order', headers => '{"a": 7}'"#, "headers are texts by name"),
        ("'Order', key => ''", "a key or a queue is not empty"),
        ("'Order', queue => ''", "a key or a queue is not empty"),
        ("'Order', key => repeat('x', 513)", "a key or a queue has at most 512 bytes"),
        ("'Order', queue => repeat('x', 513)", "a key or a queue has at most 512 bytes"),
        ("'Order', headers => jsonb_build_object('a', repeat('x', 8192))", "headers have 8192"),
        ("'Order', jsonb_build_object('a', repeat('x', 262144))", "a context 262144"),
        ("'Order', delay => '1 s', run_at => now()", "not both"),
    ] {
        let told = refusal(arguments).await;
        assert!(told.contains(why), "{arguments}: {told}");
    }
    assert_eq!(database.count("instance WHERE machine = 'Order'").await, 0);
}

/// Not every encoding has the character that texts are written with in place of a NUL.
#[tokio::test]
async fn a_database_of_another_encoding_starts_by_sql() {
    let cluster = Cluster::shared();
    cluster.query("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    let url = format!("{}/latin", cluster.url().strip_suffix("/postgres").unwrap());
    let store = PostgresStore::connect(&url).await.unwrap();
    let worker = Worker::builder(store.clone()).machines(machines::all()).start().await.unwrap();
    let mut connections = JoinSet::new();
    let db = connect(&mut connections, &url).await;
    while db.query("SELECT FROM fantasm.machine", &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let start = r#"SELECT fantasm.start('Order', '{"cents": 21}', key => 'größer', queue => 'über')"#;
    let id: i64 = db.query_one(start, &[]).await.unwrap().get(0);
    let run = Client::new(store).find::<Order>("größer").await.unwrap().unwrap();
    assert_eq!(run.id().0, id);
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_is_as_long_as_it_may_be_starts() {
    assert_eq!((MAX_NAME_BYTES, MAX_HEADERS_BYTES, MAX_CONTEXT_BYTES), (512, 8192, 262_144), "SQL says them again");
    let database = Database::new("longest").await;
    database.introduce().await;
    let waits = database.sql(
        "WITH started AS MATERIALIZED (
             SELECT fantasm.start('Order', jsonb_build_object('cents', 1, 'a', repeat('x', 262144 - 22)),
                                  key => repeat('x', 512), headers => jsonb_build_object('a', repeat('x', 8191)),
                                  queue => repeat('x', 512), run_at => 'infinity') AS id)
         SELECT id FROM started",
    );
    let id: i64 = database.db.query_one(&waits, &[]).await.unwrap().get(0);
    let rows = database.rows(id).await;
    assert_eq!(rows["waits"], "36500 days", "a time without end would be the end of waiting for others");
    for when in ["run_at => '-infinity'", "delay => '-1 hour'", "delay => NULL"] {
        let sql = database.sql(&format!("SELECT fantasm.start('Order', NULL, {when}, headers => NULL)"));
        let id: i64 = database.db.query_one(&sql, &[]).await.unwrap().get(0);
        assert_eq!(database.rows(id).await["waits"], "00:00:00", "{when}");
    }
}

#[tokio::test]
async fn a_commit_wakes_the_workers() {
    let database = Database::new("notice").await;
    database.introduce().await;
    let store = PostgresStore::builder(&Cluster::shared().url()).schema(&database.schema).connect().await.unwrap();
    // A store that begins to listen looks for what it has missed.
    let mut due = store.notifier().due();
    due.changed().await.unwrap();
    due.mark_unchanged();
    database.db.batch_execute(&database.sql("BEGIN; SELECT fantasm.start('Order'); COMMIT")).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), due.changed()).await.expect("the store is told").unwrap();
}

#[tokio::test]
async fn whoever_may_only_use_the_schema_starts_and_sees_nothing() {
    let mut database = Database::new("rights").await;
    database.introduce().await;
    let grant = format!("CREATE ROLE shop LOGIN; GRANT USAGE ON SCHEMA \"{}\" TO shop", database.schema);
    database.db.batch_execute(&grant).await.unwrap();
    let shop = connect(&mut database.connections, &Cluster::shared().url_of("shop")).await;
    shop.query_one(&database.sql("SELECT fantasm.start('Order', key => 'shop')"), &[]).await.unwrap();
    assert!(database.client.find::<Order>("shop").await.unwrap().is_some());
    for sql in ["SELECT 1 FROM fantasm.instance", "DELETE FROM fantasm.machine"] {
        let error = shop.batch_execute(&database.sql(sql)).await.unwrap_err();
        assert_eq!(error.code().map(|code| code.code()), Some("42501"), "{sql}");
    }
}

#[tokio::test]
async fn a_role_whose_right_to_start_was_revoked_is_refused() {
    let mut database = Database::new("revoked").await;
    database.introduce().await;
    let rights = format!(
        "CREATE ROLE reader LOGIN; CREATE ROLE seller LOGIN; GRANT USAGE ON SCHEMA \"{}\" TO reader, seller;
         REVOKE EXECUTE ON FUNCTION fantasm.start FROM PUBLIC; GRANT EXECUTE ON FUNCTION fantasm.start TO seller",
        database.schema
    );
    database.db.batch_execute(&database.sql(&rights)).await.unwrap();
    for (role, refusal) in [("reader", Some("42501")), ("seller", None)] {
        let role = connect(&mut database.connections, &Cluster::shared().url_of(role)).await;
        let started = role.query_one(&database.sql("SELECT fantasm.start('Order')"), &[]).await;
        assert_eq!(started.err().and_then(|error| Some(error.code()?.code().to_owned())).as_deref(), refusal);
    }
}

#[tokio::test]
async fn a_start_that_was_committed_meanwhile_is_a_conflict_under_repeatable_read() {
    let database = Database::new("snapshot").await;
    database.introduce().await;
    let start = database.sql("SELECT fantasm.start('Order', key => 'one')");
    database.db.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await.unwrap();
    Cluster::shared().query(&start);
    let error = database.db.query_one(&start, &[]).await.unwrap_err();
    assert_eq!(error.code().map(|code| code.code()), Some("40001"), "{error:?}");
}

#[tokio::test]
async fn a_start_within_a_transaction_is_refused_as_others_are() {
    let mut database = Database::new("refused").await;
    let tx = database.db.transaction().await.unwrap();
    let first =
        database.client.start_in(&tx, database.client.start(Order { cents: 1 }).key("once").new_only()).await.unwrap();
    let again = database
        .client
        .start_in(&tx, database.client.start(Order { cents: 1 }).key("once").new_only())
        .await
        .unwrap_err();
    assert!(matches!(again, StartError::Exists { id, .. } if id == first.id()), "{again:?}");
    let long = database
        .client
        .start_in(&tx, database.client.start(Order { cents: 1 }).key("x".repeat(513)))
        .await
        .unwrap_err();
    assert!(matches!(long, StartError::Context(_)), "{long:?}");

    let folder = tempfile::tempdir().unwrap();
    let elsewhere = Client::new(SqliteStore::open(folder.path().join("store.db")).await.unwrap());
    for (unusable, why) in [
        (elsewhere.start_in(&tx, Order { cents: 1 }).await, "is not kept in PostgreSQL"),
        (database.client.start_in(&tx, Heap { trace: String::new() }).await, "`Heap` begins with a fan-in"),
    ] {
        let Err(StartError::Store(error)) = unusable else { panic!("{unusable:?}") };
        assert_eq!(error.kind(), StoreErrorKind::Unusable);
        assert!(error.to_string().contains(why), "{error}");
    }
    tx.commit().await.unwrap();
}
