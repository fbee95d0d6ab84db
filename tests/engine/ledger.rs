//! SQL that takes effect with the step: once, or not at all.

use fantasm::{
    Immediate, Transaction, Worker, WorkerError, fsm_action,
    store::{InstanceStatus, MemoryStore},
    testing::StepWorker,
};
use fantasm_tests::{Backend, Crash, Journal, Process, World};
use rusqlite::Connection;

use self::machines::{
    Payment,
    payment::{Context, Debit},
};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/ledger/fantasm.rs"));
}

#[fsm_action]
async fn open(cx: &mut Context, tx: &mut Transaction) {
    tx.execute("INSERT INTO attempt (payer) VALUES ($1)").bind(cx.payer);
}

#[fsm_action]
async fn debit(cx: &mut Context, tx: &mut Transaction) -> Debit {
    tx.execute("UPDATE account SET cents = cents - $2 WHERE id = $1 AND cents >= $2")
        .bind(cx.payer)
        .bind(cx.cents)
        .affecting(1);
    Debit::Paid
}

#[fsm_action]
async fn receipt(cx: &mut Context, tx: &mut Transaction) {
    tx.execute("INSERT INTO receipt (instance, payer) VALUES ($1, $2)").bind(cx.instance()).bind(cx.payer);
}

/// Its error says why; what was to be booked is not.
#[fsm_action]
async fn refused(cx: &mut Context) -> fantasm::Result<()> {
    let cause = cx.cause().unwrap_or_default();
    let known = ["changed 0 rows where it had to change 1", "no such table: account"];
    assert!(known.iter().any(|known| cause.contains(known)), "{cause}");
    Ok(())
}

/// Crashes before and after every call of the store, one run each.
#[tokio::test]
async fn money_moves_once_whatever_crashes() {
    let mut n_calls = 0;
    for crash_at in 1.. {
        let crashes: [fn(u64) -> Crash; 2] = [Crash::Before, Crash::After];
        for crash in crashes {
            let world = accounts().await;
            let journal = Journal::default();
            let run = world.worker(machines::all()).client().start(Payment { payer: 1, cents: 30 }).await.unwrap();
            for crash in [crash(crash_at), Crash::Never] {
                let store = Process::dying(crash, journal.clone()).on(world.backend.store());
                let mut worker = StepWorker::new(store, world.clock.clone()).machines(machines::all());
                // The one that crashes fails here, and the next takes over.
                let _ = worker.run_until_idle().await;
                n_calls = n_calls.max(journal.n_writes());
            }
            assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
            assert_eq!(balances(&world), (70, 1, 1), "crash at call {crash_at}");
        }
        if crash_at > n_calls {
            break;
        }
    }
    assert!(n_calls > 4, "there were calls to crash at: {n_calls}");
}

#[tokio::test]
async fn sql_that_is_refused_fails_its_attempt_alone() {
    let world = accounts().await;
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Payment { payer: 1, cents: 300 }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
    assert_eq!(balances(&world), (100, 0, 0), "nothing of the attempts is kept");
    let states: Vec<_> = run.history().await.unwrap().iter().map(|step| step.hop.to().map(str::to_owned)).collect();
    assert_eq!(states, ["Debit", "Debit", "Refused"].map(|state| Some(state.to_owned())));
}

/// Whatever the retry policy says: it would be refused for ever.
#[tokio::test]
async fn sql_that_can_never_run_is_not_tried_again() {
    let world = accounts().await;
    database(&world).execute_batch("DROP TABLE account").unwrap();
    let mut worker = world.worker(machines::all());
    let run = worker.client().start(Payment { payer: 1, cents: 30 }).await.unwrap();
    worker.run_until_idle().await.unwrap();
    assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
    let states: Vec<_> = run.history().await.unwrap().iter().map(|step| step.hop.to().map(str::to_owned)).collect();
    assert_eq!(states, ["Debit", "Refused"].map(|state| Some(state.to_owned())));
}

#[tokio::test]
async fn a_worker_whose_store_has_no_sql_does_not_start() {
    let refused = Worker::builder(MemoryStore::new()).machines(machines::all()).start().await.err();
    assert!(matches!(refused, Some(WorkerError::NoTransactions { machine: "Payment", state: "Debit" })), "{refused:?}");
}

#[tokio::test]
async fn a_run_at_once_has_no_transactions() {
    let refused = Immediate::new(machines::all()).run(Payment::default()).await.unwrap_err();
    let message = "an action of state `Debit` of machine `Payment` takes a `Transaction`, and a run at once has no database; run \
                   it by a worker on one (`SqliteStore`, `PostgresStore`), or leave the machine out";
    assert_eq!(refused.to_string(), message);
}

#[tokio::test]
async fn an_action_that_books_is_an_ordinary_function() {
    let (mut cx, mut tx) = (Context::new(Payment { payer: 1, cents: 30 }), Transaction::default());
    assert!(matches!(debit(&mut cx, &mut tx).await, Debit::Paid));
    let [statement] = tx.statements() else { panic!("one statement: {tx:?}") };
    assert_eq!(statement.parameters, [1.into(), 30.into()]);
}

async fn accounts() -> World {
    let world = World::sqlite().await;
    database(&world)
        .execute_batch(
            "CREATE TABLE account (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL);
             CREATE TABLE attempt (payer INTEGER NOT NULL);
             CREATE TABLE receipt (instance INTEGER NOT NULL, payer INTEGER NOT NULL);
             INSERT INTO account VALUES (1, 100);",
        )
        .unwrap();
    world
}

/// The payer's money, and how many attempts and receipts were booked.
fn balances(world: &World) -> (i64, i64, i64) {
    let sql = "SELECT (SELECT cents FROM account), (SELECT count(*) FROM attempt), (SELECT count(*) FROM receipt)";
    database(world).query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
}

fn database(world: &World) -> Connection {
    let Backend::Sqlite { folder, .. } = &world.backend else { panic!("the tests run on SQLite") };
    Connection::open(folder.path().join(Backend::FILE)).unwrap()
}
