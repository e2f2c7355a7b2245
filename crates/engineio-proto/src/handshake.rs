use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, InvalidSid, Prepared, Sid, TextBuilder,
    session::adaptive::ladder::{Tier, Tiers},
};

/// The content of the OPEN packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The session's id.
    pub sid: Sid,
    /// Whether the server offers an upgrade to WebSocket.
    pub upgrade: bool,
    /// Time between two PING packets of the server.
    pub ping_interval: Duration,
    /// Time in which the PONG must arrive.
    pub ping_timeout: Duration,
    /// Largest payload in bytes that the server accepts.
    pub max_payload: usize,
    /// What holds for an adaptive session; `None` in others.
    pub adaptive: Option<Offer>,
}

/// What the server says of an adaptive session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Bytes of packets that either side may have sent without an acknowledgement.
    pub window: usize,
    /// How long a session outlives its last carrier.
    pub expiry: Duration,
    /// The carriers.
    pub tiers: Tiers,
    /// Time between two requests of the `periodic` carrier, until a record says otherwise.
    pub period: Duration,
}

impl Handshake {
    /// The OPEN packet.
    pub fn encode(&self) -> Prepared {
        let json = Json {
            sid: self.sid.as_str().into(),
            upgrades: if self.upgrade { vec![WEBSOCKET.into()] } else { Vec::new() },
            ping_interval: millis(self.ping_interval),
            ping_timeout: millis(self.ping_timeout),
            max_payload: Some(self.max_payload),
            adaptive: self.adaptive.as_ref().map(|offer| JsonOffer {
                window: offer.window,
                expiry: millis(offer.expiry),
                carriers: offer.tiers.iter().map(|tier| tier.name().into()).collect(),
                period: millis(offer.period),
            }),
        };
        let mut text = TextBuilder::packet(b'0', 160);
        // Writing strings and integers as JSON into memory has no way to fail.
        let _ = serde_json::to_writer(&mut text, &json);
        text.finish()
    }

    /// Reads the JSON after the packet type `0`.
    pub(crate) fn decode(json: &str) -> Result<Self, DecodeError> {
        let json: Json<'_> = serde_json::from_str(json).map_err(|_| DecodeError::Handshake)?;
        Ok(Self {
            sid: json.sid.parse().map_err(|InvalidSid| DecodeError::Handshake)?,
            upgrade: json.upgrades.iter().any(|name| name == WEBSOCKET),
            ping_interval: Duration::from_millis(json.ping_interval),
            ping_timeout: Duration::from_millis(json.ping_timeout),
            max_payload: json.max_payload.unwrap_or(usize::MAX),
            adaptive: json.adaptive.map(|offer| Offer {
                window: offer.window,
                expiry: Duration::from_millis(offer.expiry),
                tiers: offer.carriers.iter().filter_map(|name| Tier::from_name(name)).collect(),
                period: Duration::from_millis(offer.period),
            }),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    #[serde(borrow)]
    sid: std::borrow::Cow<'a, str>,
    upgrades: Vec<String>,
    ping_interval: u64,
    ping_timeout: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_payload: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adaptive: Option<JsonOffer<'a>>,
}

#[derive(Serialize, Deserialize)]
struct JsonOffer<'a> {
    window: usize,
    expiry: u64,
    #[serde(borrow)]
    carriers: Vec<std::borrow::Cow<'a, str>>,
    period: u64,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

const WEBSOCKET: &str = "websocket";
