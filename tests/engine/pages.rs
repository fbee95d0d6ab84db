//! Pages of a query, on a database that changes meanwhile.

use std::sync::Mutex;

use fantasm::{Page, pages::Query};
use rusqlite::{Connection, params_from_iter};

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
