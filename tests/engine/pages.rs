//! Pages of a query, on a database that changes meanwhile.

use std::sync::Mutex;

use fantasm::{Page, pages::Query};
use fantasm_tests::{Cluster, connect};
use rusqlite::{Connection, params_from_iter};
use tokio::task::JoinSet;
use tokio_postgres::{Client, types::ToSql};

/// A table of numbers and their squares.
fn table() -> Mutex<Connection> {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE number (n INTEGER PRIMARY KEY, square INTEGER)").unwrap();
    for n in 1..=10_i64 {
        db.execute("INSERT INTO number VALUES (?1, ?2)", [n, n * n]).unwrap();
    }
    Mutex::new(db)
}

/// Sends a query with an async function, as a program does.
async fn send(db: &Mutex<Connection>, sql: String, parameters: Vec<i64>) -> rusqlite::Result<Vec<i64>> {
    let db = db.lock().unwrap();
    let mut statement = db.prepare(&sql)?;
    statement.query_map(params_from_iter(parameters), |row| row.get(0))?.collect()
}

/// The future can be that of an action.
fn sent<F: Future + Send>(future: F) -> F {
    future
}

#[tokio::test]
async fn a_query_by_key_gives_every_row_that_stays_once() {
    let db = table();
    let query = Query::sqlite("SELECT n FROM number WHERE square > ?1").parameters(1).by_key("n", 3);
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let parameters = |after: Option<i64>| [4].into_iter().chain(after).collect();
        let page: Page<i64, i64> =
            sent(query.fetch(token, |sql, after| send(&db, sql, parameters(after)), |n| *n)).await.unwrap();
        token = page.next().copied();
        seen.push(page.into_items());
        // A row that was seen goes, and one that was passed comes.
        db.lock()
            .unwrap()
            .execute_batch("DELETE FROM number WHERE n = 4; REPLACE INTO number VALUES (0, 100)")
            .unwrap();
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, [vec![3, 4, 5], vec![6, 7, 8], vec![9, 10]]);
}

#[tokio::test]
async fn a_query_by_offset_counts_its_rows() {
    let db = table();
    let query = Query::sqlite("SELECT n, square FROM number").by_offset("square % 3, n DESC", 5);
    let first = sent(query.fetch(None, |sql| send(&db, sql, Vec::new()))).await.unwrap();
    let second = query.fetch(first.next().copied(), |sql| send(&db, sql, Vec::new())).await.unwrap();
    assert_eq!((&first[..], first.next()), (&[9, 6, 3, 10, 8][..], Some(&5)));
    assert_eq!((&second[..], second.next()), (&[7, 5, 4, 2, 1][..], None));
    let error = query.fetch(None, |sql| send(&db, sql.replace("number", "nowhere"), Vec::new())).await.unwrap_err();
    assert!(error.to_string().contains("no such table: nowhere"), "{error}");
}

/// The same on PostgreSQL, where a name has to be quoted.
async fn ask(db: &Client, sql: String, parameters: Vec<i64>) -> Result<Vec<i64>, tokio_postgres::Error> {
    let parameters: Vec<_> = parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    db.query(&sql, &parameters).await?.iter().map(|row| row.try_get(0)).collect()
}

#[tokio::test]
async fn postgres_answers_queries_by_key_and_by_offset() {
    let mut connections = JoinSet::new();
    let db = connect(&mut connections, &Cluster::shared().url()).await;
    let table = r#"CREATE TEMPORARY TABLE number ("the N" BIGINT PRIMARY KEY, square BIGINT NOT NULL);
                   INSERT INTO number SELECT n, n * n FROM generate_series(1, 10) AS n"#;
    db.batch_execute(table).await.unwrap();
    let query = Query::postgres(r#"SELECT "the N" FROM number WHERE square > $1"#).parameters(1).by_key("the N", 3);
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let parameters = |after: Option<i64>| [4].into_iter().chain(after).collect();
        let page: Page<i64, i64> =
            sent(query.fetch(token, |sql, after| ask(&db, sql, parameters(after)), |n| *n)).await.unwrap();
        token = page.next().copied();
        seen.push(page.into_items());
        // A row that was seen goes, and one that was passed comes.
        let change =
            r#"DELETE FROM number WHERE "the N" = 4; INSERT INTO number VALUES (0, 100) ON CONFLICT DO NOTHING"#;
        db.batch_execute(change).await.unwrap();
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, [vec![3, 4, 5], vec![6, 7, 8], vec![9, 10]]);

    let query = Query::postgres(r#"SELECT "the N" FROM number WHERE square < 100"#);
    let query = query.by_offset(r#""the N" % 3, "the N" DESC"#, 5);
    let first = sent(query.fetch(None, |sql| ask(&db, sql, Vec::new()))).await.unwrap();
    let second = query.fetch(first.next().copied(), |sql| ask(&db, sql, Vec::new())).await.unwrap();
    assert_eq!((&first[..], first.next()), (&[9, 6, 3, 7, 1][..], Some(&5)));
    assert_eq!((&second[..], second.next()), (&[8, 5, 2][..], None));
    connections.abort_all();
}
