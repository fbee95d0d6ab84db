//! Making connections, with TLS or without.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::task::JoinHandle;
use tokio_postgres::{
    AsyncMessage, Client, Config, Error, Socket,
    tls::{MakeTlsConnect, TlsConnect},
};

use crate::action::BoxFuture;

/// The other half of a client: asked for messages it moves bytes to and fro.
pub(super) type Link = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send>;

/// Makes connections.
pub(super) trait Dial: Send + Sync {
    fn dial<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<(Client, Link), Error>>;
}

/// The same for connectors of any kind.
pub(super) struct With<T>(pub(super) T);

impl<T> Dial for With<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + Sync + 'static,
    T::TlsConnect: Send + Sync,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn dial<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<(Client, Link), Error>> {
        Box::pin(async move {
            let (client, mut connection) = config.connect(self.0.clone()).await?;
            let link: Link = Box::new(move |cx| connection.poll_message(cx));
            Ok((client, link))
        })
    }
}

/// How the pools dial.
pub(super) struct Pooled(pub(super) Arc<dyn Dial>);

impl deadpool_postgres::Connect for Pooled {
    #[expect(clippy::disallowed_methods, reason = "a connection lives as long as its client, which the pool keeps")]
    fn connect(
        &self,
        config: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move {
            let (client, mut link) = self.0.dial(&config).await?;
            let drive = async move { while let Some(Ok(_)) = std::future::poll_fn(|cx| link(cx)).await {} };
            Ok((client, tokio::spawn(drive)))
        })
    }
}
