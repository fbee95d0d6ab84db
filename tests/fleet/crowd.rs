//! Others that take the connections of a server.

use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, error::SqlState};

/// Connections that do nothing. Dropping them closes them.
#[derive(Default)]
pub(crate) struct Crowd {
    clients: Vec<Client>,
    connections: JoinSet<Result<(), tokio_postgres::Error>>,
}

impl Crowd {
    /// Takes connections until the server has none left for ordinary users.
    pub(crate) async fn fill(&mut self, url: &str) {
        loop {
            match tokio_postgres::connect(url, NoTls).await {
                Ok((client, connection)) => {
                    self.clients.push(client);
                    self.connections.spawn(connection);
                }
                Err(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => return,
                Err(error) => panic!("the crowd is refused for another reason: {error:?}"),
            }
        }
    }
}
