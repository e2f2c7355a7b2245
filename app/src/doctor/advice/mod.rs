//! From a cause to the setting that mends it.

mod settings;

use std::borrow::Cow;

use serde::Serialize;

use super::cause::Cause;
use super::check::Product;
use crate::program;
use settings::settings;

/// What a cause means, who is likely behind it, and what to change.
#[derive(Debug, Clone, Serialize)]
pub struct Advice {
    /// The cause's name.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Who is likely behind it.
    pub culprit: Cow<'static, str>,
    /// The section of the troubleshooting guide.
    pub doc: String,
    /// What to change where; those first that were recognised on the way.
    pub settings: Vec<Setting>,
}

/// What to change in one product.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Setting {
    /// The product.
    pub product: Product,
    /// The lines of its configuration, or where to click.
    pub change: &'static str,
}

impl Advice {
    /// Advice on a cause, for a way on which these products were recognised.
    pub(super) fn new(cause: Cause, recognised: &[Product]) -> Self {
        let mut settings: Vec<Setting> =
            settings(cause).iter().map(|(product, change)| Setting { product: *product, change }).collect();
        settings.sort_by_key(|setting| !recognised.contains(&setting.product));
        Self {
            code: cause.code(),
            meaning: cause.meaning(),
            culprit: culprit(cause).into(),
            doc: cause.doc(),
            settings,
        }
    }

    /// The same, where it is this program that asks for the login and no gate in front of it: products that were not
    /// recognised have nothing to do with it.
    pub(super) fn at_this_tool(mut self, has_token: bool, recognised: &[Product]) -> Self {
        let name = program::name();
        if has_token {
            self.culprit = format!(
                "a token that is wrong, spent or from before the server's last start, or a proxy that takes \
                 Authorization away; a login link works once, and \"{name} login-link\" prints another one on the \
                 server's machine"
            )
            .into();
            self.settings.retain(|setting| recognised.contains(&setting.product));
        } else {
            self.culprit = format!(
                "no token was given; give one with --token-file FILE, --token or PINGONE_IMPORT_TOKEN: it is the last \
                 part of a login link, and \"{name} login-link\" prints one on the server's machine"
            )
            .into();
            self.settings.clear();
        }
        self
    }
}

fn culprit(cause: Cause) -> &'static str {
    match cause {
        Cause::AddressUnreachable => {
            "a DNS record for an address on which nothing listens, often the IPv6 one"
        }
        Cause::AnswersCached => "a caching proxy or a CDN that was told to ignore Cache-Control",
        Cause::BadGateway => "a reverse proxy whose server is not running, or listens at another address",
        Cause::BodyLimit => "a limit on the size of requests in a reverse proxy or web application firewall",
        Cause::ClockSkew => "a machine without time synchronisation (NTP)",
        Cause::ConnectionReset => "a firewall, proxy or antivirus program, or a server that was restarted",
        Cause::CorsRefused => "the server's list of origins, or a proxy that answers preflights by itself",
        Cause::FirstFrameLost => {
            "a proxy that drops bytes which arrive together with the answer to the handshake"
        }
        Cause::IdleClosed => "a timeout for idle connections in a proxy, load balancer or firewall",
        Cause::LargeMessageLost => "a content inspection or a limit on the size of messages on the way",
        Cause::MuteAfterUpgrade => {
            "an inspecting proxy or antivirus program that answers handshakes by itself"
        }
        Cause::NameNotResolved => "a wrong name, a missing DNS record, or a resolver that does not see it",
        Cause::NotAuthorised => {
            "a missing or old token (--token-file, --token), or a proxy that takes Authorization away"
        }
        Cause::NotListening => "a server that has just started",
        Cause::OriginRefused => "a proxy that replaces the Host header, or a missing --public-url",
        Cause::Overloaded => "more connections than the server or proxy is set to take",
        Cause::PollsBuffered => {
            "a proxy that collects answers, or a scanner that reads them to their end first"
        }
        Cause::PollsCut => "a proxy that waits less than 25 s for an answer",
        Cause::ProbeFailed => "a fault of this program",
        Cause::ProxyRefused => "a rule of the forward proxy, often that tunnels lead to port 443 only",
        Cause::SessionLost => "a load balancer that spreads the requests of one client over several servers",
        Cause::StreamBuffered => "response buffering in a reverse proxy, or compression of event streams",
        Cause::TimedOut => "an overloaded machine, or a firewall that drops packets without a word",
        Cause::Tls => "an endpoint that is not HTTPS, or an interception of TLS",
        Cause::TlsExpired => "a certificate that was not renewed, or a wrong clock",
        Cause::TlsExpiresSoon => "an automatic renewal that does not run",
        Cause::TlsOldVersion => "the list of TLS versions in the reverse proxy",
        Cause::TlsUntrusted => {
            "a company's inspecting proxy, a self-signed certificate, or a missing intermediate"
        }
        Cause::TlsWrongName => "a reverse proxy that shows the certificate of another site",
        Cause::UnexpectedAnswer => {
            "a captive portal, an error page of a proxy, or another program on the port"
        }
        Cause::Unreachable => "a server that is not running, another port, or a firewall",
        Cause::UpgradeFailed => "a proxy that does not pass WebSockets",
        Cause::UpgradeRefused => "a reverse proxy that does not pass the Upgrade header on",
        Cause::VersionMismatch => "a client or server of another major version",
        Cause::WrongPath => "a reverse proxy that rewrites paths or passes only some of them",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recognised_comes_first() {
        let advice = Advice::new(Cause::UpgradeRefused, &[Product::Squid]);
        assert_eq!(advice.settings[0].product, Product::Squid);
        assert_eq!(advice.settings.len(), 7, "every product can be in the way of a WebSocket");
    }

    #[test]
    fn a_login_that_this_program_wants_is_no_setting_of_a_proxy() {
        let advice = || Advice::new(Cause::NotAuthorised, &[Product::Squid]);
        let without = advice().at_this_tool(false, &[Product::Squid]);
        assert!(without.settings.is_empty() && without.culprit.contains("--token"));
        let with = advice().at_this_tool(true, &[Product::Squid]);
        let products: Vec<_> = with.settings.iter().map(|setting| setting.product).collect();
        assert_eq!(products, [Product::Squid], "it is on the way and may take the token away");
    }

    #[test]
    fn troubles_of_proxies_come_with_settings() {
        for cause in
            [Cause::IdleClosed, Cause::PollsCut, Cause::BodyLimit, Cause::SessionLost, Cause::WrongPath]
        {
            assert!(Advice::new(cause, &[]).settings.len() >= 4, "{cause:?}");
        }
        assert!(Advice::new(Cause::NotListening, &[]).settings.is_empty());
    }
}
