use std::sync::Arc;

use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::ConfigError;

/// TLS with the operating system's verifier: it knows the authorities that the administrator of this machine trusts,
/// which a list compiled into the program does not, and a company's proxy stands on.
pub(super) fn platform() -> Result<Arc<ClientConfig>, ConfigError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_platform_verifier()?.with_no_client_auth()))
}
