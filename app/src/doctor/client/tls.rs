//! TLS with a memory: the certificates that were shown are kept, whether they are good or not.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme, SupportedProtocolVersion,
};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::parse_x509_certificate;

use super::super::cause::Cause;
use super::super::failure::Failure;
use super::dial::Stream;
use super::target::Target;

/// What a handshake showed.
#[derive(Debug, Default)]
pub(in crate::doctor) struct Secured {
    /// For example `TLSv1_3`.
    pub(in crate::doctor) version: Option<String>,
    /// The application protocol that was agreed on.
    pub(in crate::doctor) alpn: Option<String>,
    /// The server's certificate first.
    pub(in crate::doctor) chain: Vec<Certificate>,
    pub(in crate::doctor) failure: Option<Failure>,
}

/// What people want to know of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::doctor) struct Certificate {
    pub(in crate::doctor) subject: String,
    pub(in crate::doctor) issuer: String,
    /// Seconds since 1970.
    pub(in crate::doctor) not_after: i64,
}

/// Makes a handshake and tells what it showed, also when it fails.
pub(in crate::doctor) async fn secure<S: Stream>(
    stream: S,
    host: &str,
    target: &Target,
    alpn: &[&[u8]],
    versions: &[&'static SupportedProtocolVersion],
) -> (Option<TlsStream<S>>, Secured) {
    let mut secured = Secured::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let connector = match connector(target, alpn, versions, Arc::clone(&seen)) {
        Ok(connector) => connector,
        Err(error) => {
            secured.failure = Some(failure(&error));
            return (None, secured);
        }
    };
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        secured.failure = Some(Failure::new(Cause::Tls, format!("{host:?} is no name of a server")));
        return (None, secured);
    };
    let result = connector.connect(name, stream).await;
    secured.chain = seen.lock().iter().filter_map(describe).collect();
    match result {
        Ok(stream) => {
            let (_, connection) = stream.get_ref();
            secured.version = connection.protocol_version().map(|version| format!("{version:?}"));
            secured.alpn = connection.alpn_protocol().map(|it| String::from_utf8_lossy(it).into_owned());
            (Some(stream), secured)
        }
        Err(error) => {
            secured.failure = Some(match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
                Some(error) => failure(error),
                None => Failure::from_transport("TLS handshake", &error).renamed(Cause::Tls),
            });
            (None, secured)
        }
    }
}

impl Target {
    /// TLS that trusts the authorities of this target beside those of the system.
    pub(crate) fn tls(&self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = self.roots.iter().cloned();
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    }
}

fn connector(
    target: &Target,
    alpn: &[&[u8]],
    versions: &[&'static SupportedProtocolVersion],
    seen: Arc<Mutex<Vec<CertificateDer<'static>>>>,
) -> Result<TlsConnector, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = target.roots.iter().cloned();
    let inner = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
    let verifier = Remembering { inner, seen };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn failure(error: &Error) -> Failure {
    let cause = match error {
        Error::InvalidCertificate(error) => match error {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Cause::TlsExpired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Cause::TlsWrongName
            }
            CertificateError::UnknownIssuer => Cause::TlsUntrusted,
            _ => Cause::Tls,
        },
        Error::AlertReceived(rustls::AlertDescription::ProtocolVersion) | Error::PeerIncompatible(_) => {
            Cause::TlsOldVersion
        }
        _ => Cause::Tls,
    };
    Failure::new(cause, format!("TLS handshake: {error}"))
}

fn describe(der: &CertificateDer<'static>) -> Option<Certificate> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    Some(Certificate {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        not_after: certificate.validity().not_after.timestamp(),
    })
}

/// Whether a server still agrees to TLS 1.1 or 1.0, which no current client library can be made to ask for.
///
/// The question is a bare `ClientHello` for that version; the answer's first record tells.
pub(in crate::doctor) async fn old_version_accepted(mut stream: impl Stream) -> Option<&'static str> {
    stream.write_all(&client_hello(0x0302)).await.ok()?;
    let mut head = [0; 11];
    stream.read_exact(&mut head).await.ok()?;
    // A record with a ServerHello: type 22, length, message type 2, length, then the version agreed on.
    match (head[0], head[5], head[9], head[10]) {
        (22, 2, 3, 2) => Some("TLS 1.1"),
        (22, 2, 3, 1) => Some("TLS 1.0"),
        _ => None,
    }
}

/// RFC 4346 §7.4.1.2, with the cipher suites that servers of that time had.
fn client_hello(version: u16) -> Vec<u8> {
    let mut body = Vec::from(version.to_be_bytes());
    body.extend(rand::random::<[u8; 32]>());
    body.push(0);
    let suites: [u16; 6] = [0xc014, 0xc013, 0xc00a, 0xc009, 0x0035, 0x002f];
    body.extend((2 * suites.len() as u16).to_be_bytes());
    body.extend(suites.iter().flat_map(|suite| suite.to_be_bytes()));
    body.extend([1, 0]);
    // Supported groups and point formats, without which servers refuse the elliptic suites.
    let extensions: [u8; 16] = [0, 10, 0, 6, 0, 4, 0, 23, 0, 24, 0, 11, 0, 2, 1, 0];
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend((body.len() as u16 + 4).to_be_bytes());
    record.extend([1, 0]);
    record.extend((body.len() as u16).to_be_bytes());
    record.extend(body);
    record
}

/// Verifies as the platform does, and keeps what it was shown.
#[derive(Debug)]
struct Remembering {
    inner: Verifier,
    seen: Arc<Mutex<Vec<CertificateDer<'static>>>>,
}

impl ServerCertVerifier for Remembering {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = std::iter::once(end_entity).chain(intermediates);
        *self.seen.lock() = shown.map(|certificate| certificate.clone().into_owned()).collect();
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_for_an_old_version_is_a_whole_record() {
        let record = client_hello(0x0302);
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        assert_eq!((record[0], record.len()), (22, 5 + length));
        let message = usize::from(u16::from_be_bytes([record[7], record[8]]));
        assert_eq!((record[5], length), (1, 4 + message));
    }
}
