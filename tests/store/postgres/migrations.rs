//! Migrations beside programs that do not know them.

use std::{
    fs,
    num::NonZeroU32,
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

use fantasm::{
    TaskId, TaskKey, WorkerId,
    store::{Claiming, Hop, NewInstance, NewTask, PostgresStore, Store, Verdict},
};
use fantasm_tests::{Cluster, connect};
use tokio::task::JoinSet;

const N_INSTANCES: u32 = 200;
const N_STEPS: u32 = 5;

/// As the next version may leave a schema: all that a migration may add, on every table that programs write.
const ADDITIONS: &str = "BEGIN;
    ALTER TABLE fantasm.task ADD COLUMN colour text;
    ALTER TABLE fantasm.task ADD COLUMN weight integer NOT NULL DEFAULT 7;
    ALTER TABLE fantasm.instance ADD COLUMN colour text;
    ALTER TABLE fantasm.step ADD COLUMN colour text;
    ALTER TABLE fantasm.worker ADD COLUMN colour text;
    CREATE INDEX task_colour ON fantasm.task (colour);
    CREATE TABLE fantasm.colour (name text PRIMARY KEY);
    CREATE FUNCTION fantasm.colour() RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
    INSERT INTO fantasm.schema VALUES (98, 3);
    COMMIT";

/// Each finds no schema, and all but one then wait for the lock.
#[tokio::test]
async fn a_new_schema_may_be_made_by_many_at_once() {
    let url = Cluster::shared().url();
    let mut stores = JoinSet::new();
    for n in 0..12 {
        let builder = PostgresStore::builder(&url).schema(format!("crowd {}", n % 2)).connections(1);
        stores.spawn(builder.connect());
    }
    while let Some(store) = stores.join_next().await {
        store.unwrap().unwrap();
    }
}

/// The older program is this one: the newer schema is made while it works, with its statements long prepared.
#[tokio::test]
async fn a_program_works_on_while_a_newer_one_adds_to_its_schema() {
    let open = async || {
        let url = Cluster::shared().url();
        PostgresStore::builder(&url).schema("beside").connections(3).connect().await.unwrap()
    };
    let older = open().await;
    let task = || NewTask::new(TaskKey::random(), Hop::Start { to: "0".to_owned() }, "default", "{}");
    older.start((0..N_INSTANCES).map(|_| NewInstance::new("Machine", "{}", task())).collect()).await.unwrap();
    let mut workers = JoinSet::new();
    workers.spawn(work(older.clone()));
    workers.spawn(work(older.clone()));
    let mut connections = JoinSet::new();
    let db = connect(&mut connections, &Cluster::shared().url()).await;
    let n_done = async || -> u32 {
        let row = db.query_one("SELECT count(*)::int FROM beside.step", &[]).await.unwrap();
        u32::try_from(row.get::<_, i32>(0)).unwrap()
    };
    while n_done().await < N_INSTANCES {}
    let additions = ADDITIONS.replace("fantasm.", "beside.");
    // Where it meets with a worker in a circle it is the migration that gives way, as those of a store do.
    while let Err(error) = db.batch_execute(&additions).await {
        assert_eq!(error.code().map(|code| code.code()), Some("40P01"), "{error:?}");
        db.batch_execute("ROLLBACK").await.unwrap();
    }
    assert!(n_done().await < N_INSTANCES * N_STEPS, "the workers were at it");
    workers.spawn(work(open().await));

    let n_steps: u32 = workers.join_all().await.into_iter().sum();
    assert_eq!(n_steps, N_INSTANCES * N_STEPS);
    assert_eq!(n_done().await, N_INSTANCES * N_STEPS);
    let ended = Cluster::shared().query("SELECT DISTINCT status FROM beside.instance");
    assert_eq!(
        (ended.as_str(), Cluster::shared().query("SELECT count(*) FROM beside.task").as_str()),
        ("finished", "0")
    );
}

/// Leads what it can claim from state to state until nothing is left; answers how many steps it took.
async fn work(store: PostgresStore) -> u32 {
    let worker = WorkerId::random();
    store.register(worker, Duration::from_secs(600)).await.unwrap();
    let limit = NonZeroU32::new(7).unwrap();
    let claiming = Claiming { machines: vec!["Machine".to_owned()], ..Claiming::new(worker, limit) };
    let mut n_steps = 0;
    loop {
        let claims = store.claim(claiming.clone()).await.unwrap();
        if claims.is_empty() && store.tasks(TaskId(0), limit).await.unwrap().is_empty() {
            return n_steps;
        }
        for claim in claims {
            let state: u32 = claim.task.hop.to().unwrap().parse().unwrap();
            let next = (state + 1 < N_STEPS).then(|| {
                let (from, event, to) = (state.to_string(), "on".to_owned(), (state + 1).to_string());
                NewTask::new(claim.task.key.child("next", 0), Hop::Transition { from, event, to }, "default", "{}")
                    .into()
            });
            let done = Verdict::Done { next: next.into_iter().collect(), context: "{}".to_owned() };
            store.commit(claim.lease, done.into()).await.unwrap();
            n_steps += 1;
        }
    }
}

/// Makes a schema of version 3.
fn make_old(schema: &str) {
    let mut old =
        "CREATE SCHEMA fantasm_; CREATE TABLE fantasm.schema (version integer PRIMARY KEY, needs integer NOT NULL);"
            .to_owned();
    for (path, needs) in migrations().into_iter().take(3).zip(1..) {
        let sql = fs::read_to_string(path).unwrap();
        old.push_str(&format!("{sql}; INSERT INTO fantasm.schema VALUES ({needs}, {needs});"));
    }
    Cluster::shared().query(&old.replace("fantasm_", schema).replace("fantasm.", &format!("{schema}.")));
}

/// Somebody in whose way the migrations are, and who is in theirs.
#[tokio::test]
async fn migrations_that_meet_with_others_are_run_again() {
    let cluster = Cluster::shared();
    make_old("meet");
    let mut connections = JoinSet::new();
    let other = connect(&mut connections, &cluster.url()).await;
    // So the migrations are those who find that nobody gets on.
    other.batch_execute("SET deadlock_timeout = '10min'; BEGIN; SELECT FROM meet.task").await.unwrap();
    let meet = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%meet%.log%'";
        while cluster.query(waits) != "1" {
            tokio::task::yield_now().await;
        }
        other.batch_execute("SELECT FROM meet.log; COMMIT").await.unwrap();
    };
    let (store, ()) = tokio::join!(PostgresStore::builder(&cluster.url()).schema("meet").connect(), meet);
    super::walk(&store.unwrap()).await;
}

/// Who comes after a migration that waits is not to wait for as long as it has to.
#[tokio::test]
async fn others_work_while_migrations_wait_for_a_long_transaction() {
    let cluster = Cluster::shared();
    make_old("patient");
    let mut connections = JoinSet::new();
    let long = connect(&mut connections, &cluster.url()).await;
    long.batch_execute("BEGIN; SELECT FROM patient.task; SELECT FROM patient.instance").await.unwrap();
    let other = connect(&mut connections, &cluster.url()).await;
    // No statement of the store's own may take so little, which a migration may take.
    let builder =
        PostgresStore::builder(&cluster.url()).schema("patient").statement_timeout(Duration::from_millis(900));
    // On connections of their own: a thread that stands still would be silence to the store.
    let others = async {
        let waits = "SELECT count(*) = 1 FROM pg_stat_activity
                     WHERE wait_event_type = 'Lock' AND query LIKE '%ALTER TABLE \"patient\".%'";
        while !other.query_one(waits, &[]).await.unwrap().get::<_, bool>(0) {}
        other
            .batch_execute("SET lock_timeout = '20s'; SELECT FROM patient.task; SELECT FROM patient.instance")
            .await
            .unwrap();
        long.batch_execute("COMMIT").await.unwrap();
    };
    let mut opening = pin!(builder.connect());
    tokio::select! {
        opened = &mut opening => panic!("the migrations wait for the transaction, and {opened:?}"),
        () = others => {}
    }
    opening.await.unwrap();
}

/// What programs rely on that do not know a migration yet: it leaves everything as it is that they write and read.
#[test]
fn migrations_only_add() {
    let code = fs::read_to_string(root().join("src/store/postgres/migrate.rs")).unwrap();
    let needs =
        code.split("needs: ").skip(1).filter_map(|rest| rest.split([' ', ',', '}']).next()?.parse::<usize>().ok());
    let needs: Vec<usize> = needs.collect();
    let paths = migrations();
    assert_eq!(needs.len(), paths.len(), "{needs:?}");
    for ((path, needs), number) in paths.iter().zip(needs).zip(1..) {
        // One that every program has to know may do what it likes.
        if needs < number {
            let findings = takes_away(&fs::read_to_string(path).unwrap());
            assert!(
                findings.is_empty(),
                "{} has `needs: {needs}`, but does more than add: {findings:?}",
                path.display()
            );
        }
        let twin = root().join("migrations/sqlite").join(path.file_name().unwrap());
        assert!(twin.exists(), "{} has no twin for SQLite", path.display());
    }
    for sql in [
        "ALTER TABLE fantasm.task DROP COLUMN error",
        "ALTER TABLE fantasm.task ADD COLUMN colour text NOT NULL",
        "ALTER TABLE fantasm.task ALTER COLUMN error TYPE integer",
        "DROP INDEX fantasm.task_due",
        "CREATE UNIQUE INDEX task_colour ON fantasm.task (colour)",
        "UPDATE fantasm.task SET error = NULL",
    ] {
        assert_eq!(
            takes_away(&format!("-- A comment; it is none.\nCREATE TABLE fantasm.x (y text); {sql};")).len(),
            1,
            "{sql}"
        );
    }
    assert_eq!(takes_away("CREATE FUNCTION fantasm.f() LANGUAGE plpgsql AS $$ BEGIN; DELETE FROM x; END $$;").len(), 0);
}

/// The statements of a migration that do more than add what older programs need not know.
fn takes_away(sql: &str) -> Vec<String> {
    // What a function does it does when it is called.
    let without_bodies: String = sql.split("$$").step_by(2).collect();
    let lines = without_bodies.lines().map(|line| line.split("--").next().unwrap_or_default());
    let sql = lines.collect::<Vec<_>>().join("\n");
    let statements = sql.split(';').map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "));
    let adds = |statement: &str| {
        let is_made = ["CREATE TABLE ", "CREATE INDEX ", "CREATE FUNCTION ", "CREATE OR REPLACE FUNCTION "];
        let is_column = statement.starts_with("ALTER TABLE ")
            && statement.split(' ').skip(3).collect::<Vec<_>>().starts_with(&["ADD", "COLUMN"])
            && (!statement.contains("NOT NULL") || statement.contains("DEFAULT"));
        statement.is_empty() || is_made.iter().any(|begin| statement.starts_with(begin)) || is_column
    };
    statements.filter(|statement| !adds(statement)).collect()
}

fn migrations() -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(root().join("migrations/postgres")).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fantasm")
}
