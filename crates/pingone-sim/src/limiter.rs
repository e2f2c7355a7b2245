use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::{Assumptions, Options, RateWindow};

/// The limits of an environment: on writes, on reads, and on all requests from one address.
#[derive(Debug)]
pub(crate) struct Limits {
    write: Option<Limiter>,
    read: Option<Limiter>,
    ip: Option<f64>,
    by_ip: Mutex<HashMap<IpAddr, Limiter>>,
    assumptions: Assumptions,
}

impl Limits {
    pub(crate) fn new(options: &Options) -> Self {
        let assumptions = options.assumptions.clone();
        let limiter = |rate: Option<f64>| rate.map(|rate| Limiter::new(rate, &assumptions, Instant::now()));
        Self {
            write: limiter(options.rate_limit),
            read: limiter(options.read_limit),
            ip: options.ip_limit,
            by_ip: Mutex::default(),
            assumptions,
        }
    }

    pub(crate) fn set_write(&mut self, rate: Option<f64>) {
        self.write = rate.map(|rate| Limiter::new(rate, &self.assumptions, Instant::now()));
    }

    /// Lets a request through, or says how long it takes until the next one may come.
    pub(crate) fn admit(&self, is_write: bool, from: IpAddr, now: Instant) -> Result<(), Duration> {
        if let Some(rate) = self.ip {
            let mut by_ip = self.by_ip.lock();
            by_ip.entry(from).or_insert_with(|| Limiter::new(rate, &self.assumptions, now)).admit(now)?;
        }
        let limiter = if is_write { &self.write } else { &self.read };
        limiter.as_ref().map_or(Ok(()), |limiter| limiter.admit(now))
    }
}

/// A limit on requests per second.
#[derive(Debug)]
struct Limiter {
    rate: f64,
    burst: f64,
    window: RateWindow,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    permits: f64,
    filled: Instant,
}

impl Limiter {
    fn new(rate: f64, assumptions: &Assumptions, now: Instant) -> Self {
        let (burst, window) = (assumptions.rate_burst.unwrap_or(rate).max(1.0), assumptions.rate_window);
        let permits = if window == RateWindow::Bucket { burst } else { rate.max(1.0) };
        Self { rate, burst, window, start: now, state: Mutex::new(State { permits, filled: now }) }
    }

    fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock();
        let now = now.max(state.filled);
        let wait = match self.window {
            RateWindow::Bucket => {
                let elapsed = now.duration_since(state.filled).as_secs_f64();
                state.permits = (state.permits + elapsed * self.rate).min(self.burst);
                Duration::from_secs_f64((1.0 - state.permits).max(0.0) / self.rate)
            }
            RateWindow::Second => {
                let second = |at: Instant| at.saturating_duration_since(self.start).as_secs();
                if second(now) != second(state.filled) {
                    state.permits = self.rate.max(1.0);
                }
                self.start + Duration::from_secs(second(now) + 1) - now
            }
        };
        state.filled = now;
        if state.permits < 1.0 {
            return Err(wait);
        }
        state.permits -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(assumptions: &Assumptions) -> usize {
        let start = Instant::now();
        let limiter = Limiter::new(50.0, assumptions, start);
        (0..10_000).filter(|ms| limiter.admit(start + Duration::from_millis(*ms)).is_ok()).count()
    }

    #[test]
    fn the_rate_holds_over_time() {
        let bucket = Assumptions { rate_burst: Some(10.0), ..Assumptions::default() };
        assert!((509..=510).contains(&admitted(&bucket)));
        let second = Assumptions { rate_window: RateWindow::Second, ..Assumptions::default() };
        assert_eq!(admitted(&second), 500);
    }

    #[test]
    fn each_group_and_each_address_has_a_limit_of_its_own() {
        let options = Options {
            rate_limit: Some(2.0),
            read_limit: Some(3.0),
            ip_limit: Some(4.0),
            ..Options::default()
        };
        let (limits, now) = (Limits::new(&options), Instant::now());
        let admit = |is_write, from: [u8; 4]| limits.admit(is_write, from.into(), now).is_ok();
        let mine = [127, 0, 0, 1];
        assert_eq!([true; 3].map(|write| admit(write, mine)), [true, true, false]);
        assert_eq!(
            [false; 2].map(|write| admit(write, mine)),
            [true, false],
            "the address has used up its own"
        );
        assert_eq!([false; 3].map(|write| admit(write, [127, 0, 0, 2])), [true, true, false]);
        let wait = limits.admit(true, [127, 0, 0, 2].into(), now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
    }
}
