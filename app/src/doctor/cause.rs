//! Why a tier does not work, in words that link to the troubleshooting guide.

/// A reason that a probe or a check can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// One of the addresses of the host does not answer; browsers lose time with it.
    AddressUnreachable,
    /// A cache on the way answered in the place of the server.
    AnswersCached,
    /// A proxy on the way could not reach the server behind it.
    BadGateway,
    /// A body that the server accepts was refused on the way as too large.
    BodyLimit,
    /// The clocks of this machine and of the server differ.
    ClockSkew,
    /// The connection was closed or reset in the middle of an exchange.
    ConnectionReset,
    /// The server does not let pages of the given origin read its answers.
    CorsRefused,
    /// The WebSocket opened and answers, but the server's first frame never came through.
    FirstFrameLost,
    /// An idle connection was closed by something on the way.
    IdleClosed,
    /// Small messages come through and a large one does not.
    LargeMessageLost,
    /// The WebSocket handshake succeeded and then nothing was carried.
    MuteAfterUpgrade,
    /// The host's name has no address.
    NameNotResolved,
    /// The server asked for a login.
    NotAuthorised,
    /// No listener is known yet, so nothing was probed.
    NotListening,
    /// The server refused the `Origin` of the request.
    OriginRefused,
    /// The server or a proxy turns new connections away for now.
    Overloaded,
    /// A held poll did not return when data was there for it.
    PollsBuffered,
    /// A waiting poll was ended by something on the way.
    PollsCut,
    /// The probe itself failed.
    ProbeFailed,
    /// The forward proxy did not open the way to the server.
    ProxyRefused,
    /// The session was unknown to the server that got the next request.
    SessionLost,
    /// Parts of a streamed answer arrived together instead of one after the other.
    StreamBuffered,
    /// A step got no answer before its deadline.
    TimedOut,
    /// The TLS handshake failed.
    Tls,
    /// The certificate is not valid at this time.
    TlsExpired,
    /// The certificate expires within days.
    TlsExpiresSoon,
    /// The server accepts, or only speaks, a version of TLS that browsers have given up.
    TlsOldVersion,
    /// The certificate is signed by nobody whom this machine trusts.
    TlsUntrusted,
    /// The certificate is for another name.
    TlsWrongName,
    /// Something other than this server answered.
    UnexpectedAnswer,
    /// No TCP connection could be made.
    Unreachable,
    /// Polling works, but a polling session could not be upgraded to a WebSocket.
    UpgradeFailed,
    /// The WebSocket handshake was answered with an ordinary response.
    UpgradeRefused,
    /// The server speaks another version of Engine.IO.
    VersionMismatch,
    /// The path is not served.
    WrongPath,
}

impl Cause {
    /// Every cause, for the test that each has a section in the guide.
    pub const ALL: [Self; 35] = [
        Self::AddressUnreachable,
        Self::AnswersCached,
        Self::BadGateway,
        Self::BodyLimit,
        Self::ClockSkew,
        Self::ConnectionReset,
        Self::CorsRefused,
        Self::FirstFrameLost,
        Self::IdleClosed,
        Self::LargeMessageLost,
        Self::MuteAfterUpgrade,
        Self::NameNotResolved,
        Self::NotAuthorised,
        Self::NotListening,
        Self::OriginRefused,
        Self::Overloaded,
        Self::PollsBuffered,
        Self::PollsCut,
        Self::ProbeFailed,
        Self::ProxyRefused,
        Self::SessionLost,
        Self::StreamBuffered,
        Self::TimedOut,
        Self::Tls,
        Self::TlsExpired,
        Self::TlsExpiresSoon,
        Self::TlsOldVersion,
        Self::TlsUntrusted,
        Self::TlsWrongName,
        Self::UnexpectedAnswer,
        Self::Unreachable,
        Self::UpgradeFailed,
        Self::UpgradeRefused,
        Self::VersionMismatch,
        Self::WrongPath,
    ];

    /// A stable name for programs, in snake case.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// What the cause means, as one sentence for people.
    pub fn meaning(self) -> &'static str {
        self.words().1
    }

    /// The section of the troubleshooting guide, relative to the root of the repository.
    pub fn doc(self) -> String {
        format!("docs/troubleshooting.md#{}", self.code().replace('_', "-"))
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::AddressUnreachable => {
                ("address_unreachable", "One of the addresses that the name stands for does not answer.")
            }
            Self::AnswersCached => {
                ("answers_cached", "Something on the way answers from a cache in the place of the server.")
            }
            Self::BadGateway => ("bad_gateway", "A proxy on the way cannot reach the server behind it."),
            Self::BodyLimit => ("body_limit", "Something on the way refuses bodies that the server accepts."),
            Self::ClockSkew => ("clock_skew", "The clocks of this machine and of the server differ."),
            Self::ConnectionReset => {
                ("connection_reset", "The connection was closed in the middle of an exchange.")
            }
            Self::CorsRefused => ("cors_refused", "Pages of this origin may not read the server's answers."),
            Self::FirstFrameLost => {
                ("first_frame_lost", "The WebSocket works, but the server's first frame was lost on the way.")
            }
            Self::IdleClosed => ("idle_closed", "Something on the way closes idle connections."),
            Self::LargeMessageLost => ("large_message_lost", "Large messages do not come through."),
            Self::MuteAfterUpgrade => ("mute_after_upgrade", "The WebSocket opens, but carries no data."),
            Self::NameNotResolved => ("name_not_resolved", "The name of the host has no address."),
            Self::NotAuthorised => ("not_authorised", "The server asks for a login."),
            Self::NotListening => ("not_listening", "The server does not listen yet."),
            Self::OriginRefused => {
                ("origin_refused", "The server does not know the address that it is used under.")
            }
            Self::Overloaded => ("overloaded", "New connections are turned away because there are too many."),
            Self::PollsBuffered => {
                ("polls_buffered", "Something on the way holds back the answers to polls.")
            }
            Self::PollsCut => ("polls_cut", "Something on the way ends requests that wait for an answer."),
            Self::ProbeFailed => {
                ("probe_failed", "The self-test itself failed; this says nothing about the network.")
            }
            Self::ProxyRefused => ("proxy_refused", "The forward proxy refuses to connect to the server."),
            Self::SessionLost => {
                ("session_lost", "The session was not found by the server that got the next request.")
            }
            Self::StreamBuffered => (
                "stream_buffered",
                "Something on the way collects streamed answers before it passes them on.",
            ),
            Self::TimedOut => ("timed_out", "No answer came in time."),
            Self::Tls => ("tls", "No secure connection could be made."),
            Self::TlsExpired => ("tls_expired", "The certificate has expired, or is not valid yet."),
            Self::TlsExpiresSoon => ("tls_expires_soon", "The certificate expires soon."),
            Self::TlsOldVersion => ("tls_old_version", "An outdated version of TLS is offered."),
            Self::TlsUntrusted => (
                "tls_untrusted",
                "The certificate is signed by an authority that this machine does not trust.",
            ),
            Self::TlsWrongName => ("tls_wrong_name", "The certificate is for another name."),
            Self::UnexpectedAnswer => ("unexpected_answer", "Something other than this server answered."),
            Self::Unreachable => ("unreachable", "No connection could be made."),
            Self::UpgradeFailed => {
                ("upgrade_failed", "A polling session could not be upgraded to a WebSocket.")
            }
            Self::UpgradeRefused => ("upgrade_refused", "The WebSocket handshake was refused."),
            Self::VersionMismatch => {
                ("version_mismatch", "The server speaks another version of the protocol.")
            }
            Self::WrongPath => ("wrong_path", "The path is not served at this address."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cause;

    const GUIDE: &str = include_str!("../../../docs/troubleshooting.md");

    #[test]
    fn every_cause_has_a_section_in_the_guide() {
        let anchors: Vec<String> = headings().map(anchor).collect();
        for cause in Cause::ALL {
            let doc = cause.doc();
            let (page, wanted) = doc.split_once('#').unwrap();
            assert_eq!(page, "docs/troubleshooting.md");
            assert!(anchors.iter().any(|anchor| anchor == wanted), "no section #{wanted} in the guide");
        }
    }

    #[test]
    fn every_section_of_a_cause_says_symptom_cause_and_fix() {
        for cause in Cause::ALL {
            let wanted = cause.code().replace('_', "-");
            let section = GUIDE.split("\n## ").find(|section| anchor(first_line(section)) == wanted).unwrap();
            for part in ["**Symptom.**", "**Cause.**", "**Fix.**"] {
                assert!(section.contains(part), "#{wanted} has no {part}");
            }
            assert!(section.contains(&format!("`{}`", cause.code())), "#{wanted} does not name its code");
        }
    }

    #[test]
    fn every_section_with_a_symptom_is_that_of_a_cause() {
        for section in GUIDE.split("\n## ").filter(|section| section.contains("**Symptom.**")) {
            let heading = first_line(section);
            let code = anchor(heading).replace('-', "_");
            assert!(Cause::ALL.iter().any(|cause| cause.code() == code), "nothing names {heading:?}");
        }
    }

    #[test]
    fn every_section_that_the_guide_refers_to_is_there() {
        // A reference is a heading in italics, such as *Upgrade refused*.
        let italics = GUIDE.lines().flat_map(|line| {
            let bold = line.replace("**", "");
            bold.split('*').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
        });
        let references: Vec<String> = italics.collect();
        assert!(references.len() > 10, "{references:?}");
        for reference in references {
            assert!(headings().any(|heading| heading == reference), "no section {reference:?}");
        }
    }

    /// What people asked about the first version of this program, and where the guide answers.
    #[test]
    fn the_questions_of_the_first_version_have_answers() {
        let questions: [(&str, &[&str]); 3] = [
            (
                "WebSocket connections fail",
                &[
                    "Firewalls and proxies",
                    "The port",
                    "Certificates",
                    "A proxy without WebSockets",
                    "socket hang up",
                ],
            ),
            ("Socket.IO connections fail", &["Versions", "The path", "CORS", "The client"]),
            ("Advice", &["Prefer a Socket.IO client", "degraded", "subscribe with `after`", "a deadline"]),
        ];
        for (heading, points) in questions {
            let section = GUIDE.split("\n## ").find(|section| first_line(section) == heading).unwrap();
            for point in points {
                assert!(section.contains(point), "{heading:?} says nothing about {point:?}");
            }
        }
    }

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::HashSet<_> = Cause::ALL.iter().map(|cause| cause.code()).collect();
        assert_eq!(codes.len(), Cause::ALL.len());
    }

    fn headings() -> impl Iterator<Item = &'static str> {
        GUIDE.lines().filter_map(|line| line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")))
    }

    fn first_line(section: &str) -> &str {
        section.lines().next().unwrap_or_default()
    }

    /// The anchor that Markdown renderers give a heading.
    fn anchor(heading: &str) -> String {
        heading
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
                _ => None,
            })
            .collect()
    }
}
