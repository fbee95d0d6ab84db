//! Connections on which nothing arrives any more.

use std::{io, num::NonZeroU32, path::PathBuf, time::Duration};

use fantasm::{
    TaskKey, WorkerId,
    store::{Claiming, Hop, NewInstance, NewTask, PostgresStore, Store, StoreError, StoreErrorKind},
};
use fantasm_tests::Cluster;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    sync::watch,
    task::JoinSet,
};
use tokio_postgres::config::{Config, Host};

/// Stands between a store and the server.
struct Proxy {
    url: String,
    freeze: watch::Sender<()>,
    _serving: JoinSet<io::Result<()>>,
}

impl Proxy {
    async fn new() -> Self {
        let config: Config = Cluster::shared().url().parse().unwrap();
        let [Host::Unix(folder)] = config.get_hosts() else { panic!("the server listens on a socket: {config:?}") };
        let socket = folder.join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://postgres@{}/postgres?sslmode=disable", listener.local_addr().unwrap());
        let (freeze, frozen) = watch::channel(());
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, socket, frozen));
        Self { url, freeze, _serving: serving }
    }

    /// Lets all connections stand still that there are; those that come are carried as before.
    fn freeze(&self) {
        self.freeze.send_replace(());
    }
}

async fn serve(listener: TcpListener, socket: PathBuf, frozen: watch::Receiver<()>) -> io::Result<()> {
    let mut carried = JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await?;
        let mut far = UnixStream::connect(&socket).await?;
        let mut frozen = frozen.clone();
        frozen.mark_unchanged();
        carried.spawn(async move {
            tokio::select! {
                // One that was ended by either side is nothing to complain of.
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = frozen.changed() => std::future::pending().await,
            }
        });
    }
}

/// Asks until there is an answer, and answers what came instead of the first.
async fn ask<T>(question: impl AsyncFn() -> Result<T, StoreError>) -> StoreError {
    let mut first = None;
    loop {
        match question().await {
            Ok(_) => return first.expect("the first connection is silent"),
            Err(error) => {
                assert!(matches!(error.kind(), StoreErrorKind::Unavailable | StoreErrorKind::LeaseLost), "{error}");
                first.get_or_insert(error);
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_given_up() {
    let proxy = Proxy::new().await;
    let builder = PostgresStore::builder(&proxy.url).schema("silent").connections(1);
    let store = builder.statement_timeout(Duration::from_secs(1)).connect().await.unwrap();
    let (worker, lease) = (WorkerId::random(), Duration::from_secs(600));
    let renew = async || store.renew(worker, lease).await;
    let read = async || store.find("Machine".to_owned(), "key".to_owned()).await;
    let pause = async || store.set_paused("queue".to_owned(), true).await;
    let start = async || {
        let task = NewTask::new(TaskKey::random(), Hop::Start { to: "State".to_owned() }, "default", "{}");
        store.start(vec![NewInstance::new("Machine", "{}", task)]).await
    };
    let claim = async || store.claim(Claiming::new(worker, NonZeroU32::MIN)).await;
    while store.register(worker, lease).await.is_err() || read().await.is_err() {}

    let silent = "fallen silent";
    proxy.freeze();
    // The heartbeats have a connection of their own.
    let (renewed, told) = tokio::join!(ask(renew), ask(read));
    for error in [renewed, told] {
        assert!(error.kind() == StoreErrorKind::Unavailable && error.to_string().contains(silent), "{error}");
    }
    proxy.freeze();
    let error = ask(pause).await;
    assert!(error.kind() == StoreErrorKind::Unavailable && error.to_string().contains(silent), "{error}");
    proxy.freeze();
    let error = ask(start).await;
    assert!(error.kind() == StoreErrorKind::Unavailable && error.to_string().contains(silent), "{error}");
    // Nobody knows what was claimed.
    proxy.freeze();
    assert_eq!(ask(claim).await.kind(), StoreErrorKind::LeaseLost);
}
