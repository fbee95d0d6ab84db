//! Places that are no store: each is told clearly, and kindly to whoever may wait.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use fantasm::store::{PostgresStore, StoreError, StoreErrorKind};
use fantasm_tests::Cluster;

async fn refused(url: &str) -> StoreError {
    PostgresStore::connect(url).await.expect_err("it is refused")
}

#[tokio::test]
async fn a_place_where_nobody_answers_is_unavailable() {
    let error = refused("postgres://app:secret@127.0.0.1:1/app").await;
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_eq!(
        error.to_string(),
        "PostgreSQL at 127.0.0.1, database `app`: the connection to the PostgreSQL server was lost or cannot be made"
    );
}

#[tokio::test]
async fn what_cannot_be_used_is_told() {
    let cluster = Cluster::shared();
    let url = cluster.url();
    let other = format!("{}/other", url.strip_suffix("/postgres").unwrap());
    for (url, why) in [
        (other.as_str(), "there is no such database: make it with `createdb`, or name another in the URL"),
        (&cluster.url_of("stranger"), "the PostgreSQL server does not let this user in"),
        ("postgres://host:port/", "the URL is none of a database"),
    ] {
        let error = refused(url).await;
        assert_eq!(error.kind(), StoreErrorKind::Unusable, "{error}");
        assert!(error.to_string().contains(why), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

/// As PgBouncer answers that does not pass over settings, and one in whose connections statements are not kept.
#[tokio::test]
async fn a_pooler_that_is_set_up_otherwise_is_told_how_to() {
    for (code, message, why) in [
        ("08P01", "unsupported startup parameter: options", "ignore_startup_parameters = options"),
        ("08P01", "unsupported startup parameter in options: jit", "ignore_startup_parameters = options"),
        ("26000", "prepared statement \"s0\" does not exist", "max_prepared_statements = 200"),
        ("42P05", "prepared statement \"s0\" already exists", "max_prepared_statements = 200"),
    ] {
        let pooler = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://app@{}/app?sslmode=disable", pooler.local_addr().unwrap());
        let answering = thread::spawn(move || {
            let (mut connection, _) = pooler.accept().unwrap();
            let mut length = [0; 4];
            connection.read_exact(&mut length).unwrap();
            let mut asked = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
            connection.read_exact(&mut asked).unwrap();
            let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
            let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
            connection.write_all(&[b"E", &length[..], fields.as_bytes()].concat()).unwrap();
        });
        let error = refused(&url).await;
        answering.join().unwrap();
        assert_eq!(error.kind(), StoreErrorKind::Unusable, "{message}: {error}");
        assert!(error.to_string().contains(why), "{message}: {error}");
    }
}

/// As a newer version leaves a schema: a column that nobody needs, and then one that everybody must know.
#[tokio::test]
async fn a_program_goes_on_beside_a_newer_schema_that_only_adds() {
    let cluster = Cluster::shared();
    let builder = || PostgresStore::builder(&Cluster::shared().url()).schema("newer").connections(2);
    let before = builder().connect().await.unwrap();
    cluster.query("ALTER TABLE newer.task ADD COLUMN colour text; INSERT INTO newer.schema VALUES (98, 3)");
    super::walk(&before).await;
    super::walk(&builder().connect().await.unwrap()).await;

    cluster.query("INSERT INTO newer.schema VALUES (99, 99)");
    let error = builder().connect().await.expect_err("the schema is too new");
    assert_eq!(error.kind(), StoreErrorKind::Unusable);
    assert!(error.to_string().contains("needs a program that knows version 99"), "{error}");
}
