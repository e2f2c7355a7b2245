use std::sync::Arc;

use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};
use socketio_client::{Client, Config, JoinError, Status};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::support::{Server, WAYS, reaches};

#[tokio::test]
async fn every_transport_works_over_tls() {
    let server = Server::start().await;
    let (acceptor, trusting) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("wss://localhost:{}", listener.local_addr().unwrap().port());
    let service = server.io.service();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(service.clone()));
            connections.spawn(async move {
                let Ok(tls) = acceptor.accept(tcp).await else { return };
                let http = hyper::server::conn::http1::Builder::new();
                let _ = http.serve_connection(TokioIo::new(tls), service).with_upgrades().await;
            });
        }
    });
    for way in WAYS {
        let config =
            Config { tls: Some(Arc::clone(&trusting)), transports: way.to_vec(), ..Config::default() };
        let client = Client::new(&address, config).unwrap();
        let socket = client.namespace("/").connect().unwrap();
        let large = "x".repeat(300_000);
        assert!(socket.emit_with_ack::<String>("ack", &large).await.unwrap() == large, "{way:?}");
        if let [_, better] = way {
            reaches(&client, Status::Open(*better)).await;
        }
        client.close().await;
    }

    let config = Config { reconnection: None, ..Config::default() };
    let client = Client::new(&address, config).unwrap();
    let socket = client.namespace("/").connect().unwrap();
    let Err(JoinError::Failed(error)) = socket.connected().await else { panic!("trusts anybody") };
    assert!(error.to_string().contains("certificate"), "{error}");
}

/// A server's certificate, and a client that trusts it.
fn certificate() -> (TlsAcceptor, Arc<ClientConfig>) {
    let provider = Arc::new(ring::default_provider());
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key.into())
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (TlsAcceptor::from(Arc::new(server)), Arc::new(client))
}
