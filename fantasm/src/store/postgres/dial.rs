//! Making connections, with TLS or without.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::task::JoinHandle;
use tokio_postgres::{
    AsyncMessage, Client, Config, Error, Socket,
    tls::{MakeTlsConnect, TlsConnect},
};

use super::limit;
use crate::{action::BoxFuture, store::StoreError};

/// The other half of a client: asked for messages it moves bytes to and fro.
pub(super) type Link = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send>;

/// Makes connections.
pub(super) trait Dial: Send + Sync {
    fn dial<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<(Client, Link), Error>>;
}

/// Dials for as long as a connection may take to be made: by itself that counts only until the other side has taken the call.
pub(super) async fn within_limit(dial: &dyn Dial, config: &Config) -> Result<(Client, Link), StoreError> {
    Ok(limit::within(limit_of(config), dial.dial(config)).await??)
}

/// How long all hosts together may take, of which each has the time that the configuration gives.
pub(super) fn limit_of(config: &Config) -> Duration {
    let n_hosts = u32::try_from(config.get_hosts().len().max(config.get_hostaddrs().len())).unwrap_or(u32::MAX);
    config.get_connect_timeout().map_or(Duration::MAX, |each| each.saturating_mul(n_hosts.max(1)))
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
