use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use engineio_proto::session::PollId;
use http_body::{Frame, SizeHint};

use crate::connection::Link;

/// A response body: complete, so that no proxy can hold a part of it back.
#[derive(Debug, Default)]
pub struct Body {
    bytes: Option<Bytes>,
    /// What the body carries is lost unless it is taken.
    delivery: Option<Delivery>,
}

impl Body {
    pub(crate) fn reply(bytes: Bytes, delivery: Delivery) -> Self {
        Self { bytes: Some(bytes), delivery: Some(delivery) }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), delivery: None }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(delivery) = self.delivery.take() {
            delivery.confirm();
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, Bytes::len) as u64)
    }
}

/// Watches over a poll until its answer has been handed to the connection; dropped before, the poll is aborted and
/// its packets go to the next one.
#[derive(Debug)]
pub(crate) struct Delivery {
    link: Option<Arc<Link>>,
    poll: PollId,
}

impl Delivery {
    pub(crate) fn new(link: Arc<Link>, poll: PollId) -> Self {
        Self { link: Some(link), poll }
    }

    fn confirm(mut self) {
        if let Some(link) = self.link.take() {
            let mut inner = link.lock();
            inner.session.handle_reply_sent(self.poll);
            // Another poll may have waited for this.
            link.settle(inner);
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            let mut inner = link.lock();
            inner.remove_poll(self.poll);
            inner.session.handle_poll_aborted(self.poll);
            link.settle(inner);
        }
    }
}
