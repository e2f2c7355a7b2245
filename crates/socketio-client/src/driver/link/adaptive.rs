use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use engineio_proto::{
    CloseReason,
    session::{
        RequestId,
        adaptive::ladder::{Failure, LadderConfig, Tier},
    },
};
use futures_util::{StreamExt as _, stream};

use super::{CarrierInput, Link, now};
use crate::{Config, TransportError, net::Part};

/// What only adaptive sessions need.
impl Link {
    /// A response of an adaptive session came, or an error instead.
    pub(super) fn response(&mut self, request: RequestId, response: Result<Part, TransportError>) {
        let now = now();
        match response {
            Ok(Part::Begun) => {
                self.heard = now;
                self.session.handle_response_part(now, request);
            }
            Ok(Part::Whole(body)) => {
                self.heard = now;
                self.aborts.retain(|(id, _)| *id != request);
                self.session.handle_response(now, request, body);
            }
            Err(error) => {
                self.aborts.retain(|(id, _)| *id != request);
                self.session.handle_response_failed(now, request, failure(&error));
                self.carrier_failed(error);
            }
        }
    }

    /// An adaptive session goes on without a carrier, unless the server does not know it.
    pub(super) fn carrier_failed(&mut self, error: TransportError) {
        tracing::debug!(%error, "a carrier failed");
        if error.is_transport_unknown() {
            self.failure = Some(error);
            self.session.close(now(), CloseReason::TransportError);
        } else if self.session.tier().is_none() {
            self.failure.get_or_insert(error);
        }
    }

    pub(super) fn request(&mut self, id: RequestId, query: String, body: Bytes) {
        let response = Arc::clone(&self.net).request(query, body);
        let response = response.map(move |part| CarrierInput::Response(id, part));
        let (response, abort) = stream::abortable(response);
        self.aborts.push((id, abort));
        self.requests.push(Box::pin(response));
    }
}

pub(super) fn ladder(config: &Config, remembered: Option<(Tier, Duration)>) -> LadderConfig {
    let mut ladder = LadderConfig::default();
    ladder.tiers = config.tiers.iter().copied().collect();
    ladder.race_delay = config.race_delay;
    ladder.remembered = remembered;
    ladder.seed = rand::random();
    ladder
}

/// What an error of a request says about its carrier.
fn failure(error: &TransportError) -> Failure {
    match error {
        TransportError::Closed { .. } => Failure::Closed,
        TransportError::Io(_) => Failure::Error,
        TransportError::Timeout => Failure::Silent,
        _ => Failure::Foreign,
    }
}
