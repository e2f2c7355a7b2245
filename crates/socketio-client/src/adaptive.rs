use std::time::Duration;

use engineio_proto::session::adaptive::ladder::{Cause, Tier};

/// How the adaptive transport of a client is doing.
///
/// It tells of the connection that there is now; [`switches`](Self::switches) counts over all of them.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::Tier;
///
/// let mut adaptive = client.adaptive();
/// while adaptive.changed().await.is_ok() {
///     let status = adaptive.borrow_and_update();
///     let is_degraded = status.tier != Some(Tier::WebSocket);
///     println!("degraded: {is_degraded}, {} bytes wait, {} switches", status.buffered_bytes, status.switches);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdaptiveStatus {
    /// What carries the connection. `None` between two carriers, and while there is no adaptive connection.
    pub tier: Option<Tier>,
    /// The smoothed round-trip time, once measured.
    pub round_trip: Option<Duration>,
    /// Bytes that were sent and are not acknowledged, or wait for a carrier.
    pub buffered_bytes: usize,
    /// The tier that an opening within ten minutes begins with, as it has worked for some time.
    pub remembered: Option<Tier>,
    /// How often another carrier took over without an end of the connection.
    pub switches: u64,
    /// The last of these.
    pub last_switch: Option<Switch>,
}

/// A change of the carrier.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// if let Some(switch) = client.adaptive().borrow().last_switch {
///     println!("{:?} took over because of {:?}, blind for {:?}", switch.to, switch.cause, switch.blind);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switch {
    /// The tier before.
    pub from: Option<Tier>,
    /// The tier that took over.
    pub to: Tier,
    /// Why.
    pub cause: Cause,
    /// Time for which nothing was known to carry the connection; zero if a better tier took over.
    pub blind: Duration,
}
