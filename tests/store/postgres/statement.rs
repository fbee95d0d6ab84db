//! Whatever the server says to a step's own SQL is about that step: its worker and all others go on.

use std::{num::NonZeroU32, time::Duration};

use fantasm::{
    Transaction, WorkerId,
    store::{Claim, Claiming, Commit, PostgresStore, Store, StoreError, StoreErrorKind, Verdict},
};
use fantasm_tests::{Cluster, connect};
use tokio::task::JoinSet;

use super::instance;

/// Claims a new task.
async fn claim(store: &PostgresStore) -> Claim {
    let worker = WorkerId::random();
    store.register(worker, Duration::from_secs(60)).await.unwrap();
    store.start(vec![instance(None)]).await.unwrap();
    let claiming = Claiming { machines: vec!["Machine".to_owned()], ..Claiming::new(worker, NonZeroU32::MIN) };
    store.claim(claiming).await.unwrap().pop().expect("there is a task")
}

/// The end of a step with these statements.
fn with_sql(statements: &[impl AsRef<str>]) -> Commit {
    let mut tx = Transaction::default();
    statements.iter().for_each(|sql| _ = tx.execute(sql.as_ref()));
    Commit { statements: tx.statements().to_vec(), ..without_sql() }
}

fn without_sql() -> Commit {
    Verdict::Done { next: Vec::new(), context: "{}".to_owned() }.into()
}

/// Commits it with that statement, which is refused, and then without.
async fn refused(store: &PostgresStore, claim: &Claim, sql: &str) -> StoreError {
    let error = store.commit(claim.lease, with_sql(&[sql])).await.expect_err("it is refused");
    store.commit(claim.lease, without_sql()).await.expect("the step is as it was");
    error
}

#[tokio::test]
async fn any_code_that_a_trigger_raises_is_the_steps() {
    let cluster = Cluster::shared();
    let store = PostgresStore::builder(&cluster.url()).schema("raised").connections(2).connect().await.unwrap();
    cluster.query(
        "CREATE FUNCTION raised.refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = NEW.code; END $$;
         CREATE TABLE raised.at_once (code text);
         CREATE TRIGGER refuse BEFORE INSERT ON raised.at_once FOR EACH ROW EXECUTE FUNCTION raised.refuse();
         CREATE TABLE raised.at_commit (code text);
         CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON raised.at_commit DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION raised.refuse()",
    );
    let codes = ["08006", "25006", "40001", "40P01", "53100", "53300", "55P03", "57014", "57P01", "58030", "P0001"];
    for table in ["at_once", "at_commit"] {
        for code in codes {
            let claim = claim(&store).await;
            let error = refused(&store, &claim, &format!("INSERT INTO raised.{table} VALUES ('{code}')")).await;
            assert_eq!(error.kind(), StoreErrorKind::Statement, "{table} {code}: {error}");
        }
    }
}

#[tokio::test]
async fn a_row_that_somebody_has_locked_is_the_steps() {
    let cluster = Cluster::shared();
    let store = PostgresStore::builder(&cluster.url()).schema("nowait").connections(2).connect().await.unwrap();
    cluster.query("CREATE TABLE nowait.account (cents int); INSERT INTO nowait.account VALUES (100)");
    let mut connections = JoinSet::new();
    let mut other = connect(&mut connections, &cluster.url()).await;
    let tx = other.transaction().await.unwrap();
    tx.execute("UPDATE nowait.account SET cents = 0", &[]).await.unwrap();
    let sql = "WITH mine AS (SELECT cents FROM nowait.account FOR UPDATE NOWAIT)
               UPDATE nowait.account SET cents = 1 FROM mine";
    let claim = claim(&store).await;
    let error = refused(&store, &claim, sql).await;
    assert_eq!(error.kind(), StoreErrorKind::Statement, "{error}");
    tx.rollback().await.unwrap();
    drop(other);
    connections.join_next().await.unwrap().unwrap();
}

/// What the session says of the step's last statement, and what the step has set, is the step's own.
#[tokio::test]
async fn no_statement_of_another_step_comes_between_those_of_one() {
    let cluster = Cluster::shared();
    let store = PostgresStore::builder(&cluster.url()).schema("mixed").connect().await.unwrap();
    cluster.query(
        "CREATE TABLE mixed.purchase (id bigserial, buyer text);
         CREATE TABLE mixed.line (purchase bigint, buyer text, tenant text)",
    );
    let mut steps = JoinSet::new();
    for buyer in 0..40 {
        let (store, claim) = (store.clone(), claim(&store).await);
        let commit = with_sql(&[
            format!("INSERT INTO mixed.purchase (buyer) SELECT set_config('app.tenant', '{buyer}', true)"),
            format!(
                "INSERT INTO mixed.line SELECT currval('mixed.purchase_id_seq'), '{buyer}', current_setting('app.tenant')"
            ),
        ]);
        steps.spawn(async move { store.commit(claim.lease, commit).await });
    }
    while let Some(committed) = steps.join_next().await {
        committed.unwrap().unwrap();
    }
    let right = "SELECT count(*) FROM mixed.line AS l JOIN mixed.purchase AS p ON p.id = l.purchase
                 WHERE l.buyer = p.buyer AND l.tenant = l.buyer";
    assert_eq!(cluster.query(right), "40");
}

#[tokio::test]
async fn a_time_without_end_is_one_that_the_server_takes() {
    let cluster = Cluster::shared();
    for time in [Duration::ZERO, Duration::MAX] {
        let builder = PostgresStore::builder(&cluster.url()).statement_timeout(time).connections(1);
        builder.schema("time").connect().await.unwrap();
    }
}

/// Neither fantasm's own rows are written under it, nor what comes after on the connection.
#[tokio::test]
async fn a_role_and_a_lock_of_a_step_end_with_it() {
    let cluster = Cluster::shared();
    let store = PostgresStore::builder(&cluster.url()).schema("role").connections(1).connect().await.unwrap();
    cluster.query(
        "CREATE ROLE low; CREATE TABLE role.seen (what text);
         GRANT USAGE ON SCHEMA role TO low; GRANT ALL ON role.seen TO low",
    );
    for (what, is_local) in [("set_config('role', 'low', true)", true), ("set_config('role', 'low', false)", false)] {
        let claim = claim(&store).await;
        let set = format!("INSERT INTO role.seen SELECT {what}");
        let commit = with_sql(&[&*set, "INSERT INTO role.seen SELECT pg_advisory_lock(77)::text"]);
        store.commit(claim.lease, commit).await.unwrap_or_else(|error| panic!("{is_local}: {error}"));
        store.start(vec![instance(None)]).await.unwrap();
        let held = cluster.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77");
        assert_eq!(held, "0", "{is_local}");
    }
}

/// On the one connection that there is, step after step.
#[tokio::test]
async fn a_step_leaves_no_settings_and_few_prepared_statements_behind() {
    let cluster = Cluster::shared();
    let builder = PostgresStore::builder(&cluster.url()).schema("behind").connections(1);
    let store = builder.connect().await.unwrap();
    cluster.query("CREATE TABLE behind.seen (tenant text, n_prepared bigint)");
    let commit = async |statements: &[String]| {
        let claim = claim(&store).await;
        store.commit(claim.lease, with_sql(statements)).await.unwrap();
    };
    let always_others = (0..700).map(|number| format!("DELETE FROM behind.seen WHERE n_prepared = {number}"));
    let set = "INSERT INTO behind.seen SELECT set_config('app.tenant', 'mine', false), 0".to_owned();
    commit(&always_others.chain([set]).collect::<Vec<_>>()).await;
    let see =
        "INSERT INTO behind.seen SELECT current_setting('app.tenant', true), count(*) FROM pg_prepared_statements";
    commit(&[see.to_owned()]).await;
    let seen = "SELECT coalesce(tenant, ''), n_prepared BETWEEN 1 AND 550 FROM behind.seen ORDER BY n_prepared";
    assert_eq!(cluster.query(seen), "mine|f\n|t");
}
