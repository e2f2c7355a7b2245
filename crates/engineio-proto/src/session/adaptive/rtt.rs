use std::time::Duration;

/// The round-trip time and the time-out that follows from it, [RFC 6298](https://www.rfc-editor.org/rfc/rfc6298).
#[derive(Clone, Debug)]
pub(super) struct Rtt {
    /// SRTT and RTTVAR.
    smoothed: Option<(Duration, Duration)>,
    /// How often a deadline has passed since the last measurement.
    backoff: u32,
}

impl Rtt {
    pub(super) const fn new() -> Self {
        Self { smoothed: None, backoff: 0 }
    }

    /// SRTT, once measured.
    pub(super) fn smoothed(&self) -> Option<Duration> {
        self.smoothed.map(|(srtt, _)| srtt)
    }

    /// RTO.
    pub(super) fn timeout(&self) -> Duration {
        let rto = self.smoothed.map_or(Duration::ZERO, |(srtt, rttvar)| srtt + 4 * rttvar).max(MIN_RTO);
        (rto * 2_u32.saturating_pow(self.backoff.min(6))).min(MAX_RTO)
    }

    /// How long to wait for a sign of life that must be given after `quiet`, and is missed after `limit`, if the network
    /// leaves time for the answer until then, and for the two round trips in which a request opens its connection.
    pub(super) fn patience(&self, quiet: Duration, limit: Duration) -> Duration {
        let srtt = self.smoothed().unwrap_or_default();
        let answered = quiet + self.timeout();
        limit.max(answered).max((limit + srtt).min(answered + 2 * srtt))
    }

    pub(super) fn measured(&mut self, sample: Duration) {
        self.backoff = 0;
        self.smoothed = Some(match self.smoothed {
            None => (sample, sample / 2),
            Some((srtt, rttvar)) => ((7 * srtt + sample) / 8, (3 * rttvar + srtt.abs_diff(sample)) / 4),
        });
    }

    /// A deadline passed.
    pub(super) fn back_off(&mut self) {
        self.backoff += 1;
    }
}

const MIN_RTO: Duration = Duration::from_secs(1);
/// Below that of RFC 6298, which does not know of sessions that end after a minute.
const MAX_RTO: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_out_follows_the_measurements() {
        let ms = Duration::from_millis;
        let mut rtt = Rtt::new();
        assert_eq!((rtt.smoothed(), rtt.timeout()), (None, ms(1000)));
        rtt.measured(ms(400));
        assert_eq!((rtt.smoothed(), rtt.timeout()), (Some(ms(400)), ms(1200)));
        rtt.measured(ms(800));
        // SRTT = 7/8 · 400 + 1/8 · 800, RTTVAR = 3/4 · 200 + 1/4 · 400.
        assert_eq!((rtt.smoothed(), rtt.timeout()), (Some(ms(450)), ms(450 + 4 * 250)));
        for _ in 0..100 {
            rtt.measured(ms(20));
        }
        assert_eq!(rtt.timeout(), ms(1000), "never below a second");
    }

    #[test]
    fn a_slow_or_unsteady_network_is_given_more_time() {
        let ms = Duration::from_millis;
        let mut rtt = Rtt::new();
        assert_eq!(rtt.patience(ms(1000), ms(3000)), ms(3000));
        (0..100).for_each(|_| rtt.measured(ms(500)));
        assert_eq!(rtt.patience(ms(1000), ms(3000)), ms(3000), "an answer has 2 s: four round trips");
        (0..100).for_each(|_| rtt.measured(ms(600)));
        assert_eq!(
            rtt.patience(ms(1000), ms(3000)).as_millis(),
            1000 + 1000 + 2 * 600 - 1,
            "two for a connection"
        );
        (0..100).for_each(|_| rtt.measured(ms(1400)));
        assert_eq!(rtt.patience(ms(1000), ms(3000)).as_millis(), 3000 + 1400 - 1, "at most one more");
        rtt.measured(ms(4000));
        assert!(rtt.patience(ms(1000), ms(3000)) > ms(1000 + 4000));
    }

    #[test]
    fn it_doubles_until_the_next_measurement() {
        let seconds = Duration::from_secs;
        let mut rtt = Rtt::new();
        let timeouts = std::array::from_fn(|_| {
            rtt.back_off();
            rtt.timeout()
        });
        assert_eq!(timeouts, [2, 4, 8, 16, 20, 20].map(seconds));
        rtt.measured(seconds(0));
        assert_eq!(rtt.timeout(), seconds(1));
    }
}
