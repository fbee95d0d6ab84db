//! Connections that are encrypted, and none that are not.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{Arc, OnceLock},
    thread,
};

use fantasm::store::{self, PostgresStore, StoreError, StoreErrorKind};
use fantasm_tests::Cluster;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A server that takes encrypted connections only.
struct Server {
    cluster: Cluster,
    address: SocketAddr,
    certificate: CertificateDer<'static>,
}

impl Server {
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| {
            let address = Cluster::free_address();
            let CertifiedKey { cert, signing_key } = certificate(address);
            let cluster = Cluster::encrypted(address, &cert.pem(), &signing_key.serialize_pem());
            Self { cluster, address, certificate: cert.der().clone() }
        })
    }

    fn url(&self, mode: &str) -> String {
        format!("postgres://postgres@{}/postgres?sslmode={mode}", self.address)
    }
}

fn certificate(address: SocketAddr) -> CertifiedKey<rcgen::KeyPair> {
    generate_simple_self_signed([address.ip().to_string()]).unwrap()
}

/// A connector that trusts a certificate and no other.
fn trusting(certificate: CertificateDer<'static>) -> MakeRustlsConnect {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth())
}

async fn refused(url: &str, connector: MakeRustlsConnect) -> StoreError {
    PostgresStore::builder(url).tls(connector).connect().await.expect_err("it is refused")
}

#[tokio::test]
async fn every_connection_is_encrypted() {
    let server = Server::shared();
    let builder = PostgresStore::builder(&server.url("require")).tls(trusting(server.certificate.clone()));
    let store = builder.connect().await.unwrap();
    super::walk(&store).await;
    let connections = "FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'fantasm'";
    // Steps, heartbeats, and the one that listens, which may still be on its way.
    while server.cluster.query(&format!("SELECT count(*) >= 3 {connections}")) != "t" {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.cluster.query(&format!("SELECT bool_and(ssl) {connections}")), "t");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_verified_is_refused() {
    let server = Server::shared();
    let of_somebody_else = certificate(server.address).cert.der().clone();
    let error = refused(&server.url("require"), trusting(of_somebody_else)).await;
    assert_eq!(error.kind(), StoreErrorKind::Unusable, "{error}");
    assert!(error.to_string().contains("(invalid peer certificate: "), "{error}");
    assert!(error.to_string().contains("has to trust the authority"), "{error}");
}

#[tokio::test]
async fn nobody_connects_in_clear() {
    let server = Server::shared();
    let error = store::open(server.url("require")).await.expect_err("it has no connector");
    assert_eq!(error.kind(), StoreErrorKind::Unusable, "{error}");
    assert!(error.to_string().contains("`PostgresStore::builder(url).tls(connector)`"), "{error}");
    for mode in ["disable", "prefer"] {
        let error = store::open(server.url(mode)).await.expect_err("the server refuses it");
        assert_eq!(error.kind(), StoreErrorKind::Unusable, "{error}");
        assert!(error.to_string().contains("say sslmode=require"), "{error}");
    }
    // The server that all tests share speaks no TLS.
    let url = format!("{}?sslmode=require", Cluster::shared().url());
    let error = refused(&url, trusting(server.certificate.clone())).await;
    assert_eq!(error.kind(), StoreErrorKind::Unusable, "{error}");
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
}

/// As a server does that is being restarted.
#[tokio::test]
async fn a_handshake_that_breaks_off_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answering = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.read_exact(&mut [0; 8]).unwrap();
        connection.write_all(b"S").unwrap();
        // Its greeting is read, so that the end of the connection is an end and no reset.
        let _ = connection.read(&mut [0; 4096]);
    });
    let connector = trusting(certificate(address).cert.der().clone());
    let error = refused(&format!("postgres://app@{address}/app?sslmode=require"), connector).await;
    answering.join().unwrap();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
}
