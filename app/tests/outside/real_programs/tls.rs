//! TLS in front of the server, by nginx.

use std::net::SocketAddr;

use pingone_import::doctor::{Examination, Target};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

use super::nginx::{arguments, settings};
use super::program::{Program, beside};
use super::server::Node;
use super::{assert_healthy, look};

const RULES: &str = "
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection \"upgrade\";
    location / { proxy_pass http://behind; }
";

/// An authority and a certificate that it signed.
struct Signed {
    authority: String,
    certificate: String,
    key: String,
}

fn sign(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Signed {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Test Authority");
    let authority_key = KeyPair::generate().unwrap();
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    Signed { authority: authority_pem, certificate: certificate.pem(), key: key.serialize_pem() }
}

async fn nginx(backend: SocketAddr, signed: &Signed, rules: &str) -> Program {
    Program::start("nginx", arguments, |port, dir| {
        let certificate = beside(dir, "certificate.pem", &signed.certificate);
        let key = beside(dir, "key.pem", &signed.key);
        let files =
            format!("ssl_certificate {}; ssl_certificate_key {};", certificate.display(), key.display());
        settings(dir, &[backend], &format!("127.0.0.1:{port} ssl"), &format!("{files} {rules} {RULES}"))
    })
    .await
}

async fn look_at(proxy: &Program, trusted: Option<&Signed>) -> Examination {
    let mut target = Target::new(&format!("https://localhost:{}", proxy.address.port()), None).unwrap();
    if let Some(signed) = trusted {
        target = target.trusting(signed.authority.as_bytes()).unwrap();
    }
    look(&target).await
}

fn codes(found: &Examination) -> Vec<&str> {
    found.causes.iter().map(|cause| cause.code.as_str()).collect()
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_described() {
    let (node, signed) = (Node::start().await, sign("localhost", |_| {}));
    let proxy = nginx(node.address, &signed, "ssl_protocols TLSv1.2 TLSv1.3;").await;
    let found = look_at(&proxy, Some(&signed)).await;
    assert_healthy(&found);
    let tls = found.checks.iter().find(|check| check.name == "TLS").unwrap();
    assert!(
        tls.detail.contains("TLSv1_3") && tls.detail.contains("issued by CN=Test Authority"),
        "{}",
        tls.detail
    );
}

#[tokio::test]
async fn an_authority_that_nobody_trusts() {
    let (node, signed) = (Node::start().await, sign("localhost", |_| {}));
    let proxy = nginx(node.address, &signed, "").await;
    let found = look_at(&proxy, None).await;
    assert_eq!(found.exit_code(), 3);
    assert!(codes(&found).iter().all(|code| *code == "tls_untrusted"), "{}", found.table());
}

#[tokio::test]
async fn a_certificate_for_another_name() {
    let (node, signed) = (Node::start().await, sign("other.example", |_| {}));
    let proxy = nginx(node.address, &signed, "").await;
    let found = look_at(&proxy, Some(&signed)).await;
    assert!(codes(&found).iter().all(|code| *code == "tls_wrong_name"), "{}", found.table());
}

#[tokio::test]
async fn a_certificate_that_has_expired() {
    let node = Node::start().await;
    let signed = sign("localhost", |params| params.not_after = date_time_ymd(2021, 1, 1));
    let proxy = nginx(node.address, &signed, "").await;
    let found = look_at(&proxy, Some(&signed)).await;
    assert!(codes(&found).iter().all(|code| *code == "tls_expired"), "{}", found.table());
    assert!(found.table().contains("days ago"), "{}", found.table());
}

#[tokio::test]
async fn versions_that_are_broken() {
    let (node, signed) = (Node::start().await, sign("localhost", |_| {}));
    let rules = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;";
    let proxy = nginx(node.address, &signed, rules).await;
    let found = look_at(&proxy, Some(&signed)).await;
    assert_eq!(codes(&found), ["tls_old_version"], "{}", found.table());
    assert_eq!(found.exit_code(), 0, "a warning is no failure");
}
