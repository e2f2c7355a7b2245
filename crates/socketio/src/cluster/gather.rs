use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{sync::mpsc, time::Instant};

use super::Response;

/// Where an [`Adapter`](super::Adapter) puts the responses to a request. Dropping all clones ends the request.
///
/// ```
/// use socketio::{Response, Responses};
///
/// /// Passes on what two other servers say.
/// fn pass_on(responses: &Responses, heard: Vec<Vec<String>>) {
///     responses.expect(2);
///     heard.into_iter().for_each(|rooms| responses.send(Response::Rooms(rooms)));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Responses(mpsc::UnboundedSender<Incoming>);

#[derive(Debug)]
enum Incoming {
    Servers(usize),
    Response(Response),
}

impl Responses {
    pub(crate) fn channel() -> (Self, Incomings) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), Incomings(receiver))
    }

    /// How many other servers there are. The request ends once so many have answered, and not before this is told.
    pub fn expect(&self, servers: usize) {
        let _ = self.0.send(Incoming::Servers(servers));
    }

    /// A response of another server. Those that come too late go nowhere.
    pub fn send(&self, response: Response) {
        let _ = self.0.send(Incoming::Response(response));
    }

    /// Whether nobody waits any more.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until nobody waits any more: all is there, the time is over, or the application has lost interest.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

/// The other end of [`Responses`].
pub(crate) struct Incomings(mpsc::UnboundedReceiver<Incoming>);

/// What came in response to a request.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) responses: Vec<Response>,
    /// Sockets of other servers that were asked.
    pub(crate) clients: usize,
    /// Servers that did not answer.
    pub(crate) missing_servers: usize,
}

/// Takes responses until all servers, and all sockets that they asked, have answered.
pub(crate) async fn collect(mut incoming: Incomings, deadline: Instant) -> Collected {
    let mut collected = Collected::default();
    let (mut servers, mut answered, mut acks) = (None, 0, 0);
    while servers.is_none_or(|servers| answered < servers || acks < collected.clients) {
        match tokio::time::timeout_at(deadline, incoming.0.recv()).await {
            Ok(Some(Incoming::Servers(count))) => servers = Some(count),
            Ok(Some(Incoming::Response(Response::ClientCount(count)))) => {
                answered += 1;
                collected.clients += count;
            }
            Ok(Some(Incoming::Response(response))) => {
                match response {
                    Response::Ack(_) => acks += 1,
                    _ => answered += 1,
                }
                collected.responses.push(response);
            }
            Ok(None) | Err(_) => break,
        }
    }
    collected.missing_servers = servers.unwrap_or(0).saturating_sub(answered);
    collected
}

/// What was gathered from the servers of a cluster.
///
/// ```
/// # async fn example(io: socketio::SocketIo) {
/// let rooms = io.root().all_rooms().await;
/// if !rooms.is_complete() {
///     println!("{} servers did not answer", rooms.missing_servers);
/// }
/// println!("{:?}", rooms.values);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gathered<T> {
    /// From all servers that answered.
    pub values: Vec<T>,
    /// How many did not answer in time, or not in the expected shape.
    pub missing_servers: usize,
}

impl<T> Gathered<T> {
    /// Whether every server answered.
    pub fn is_complete(&self) -> bool {
        self.missing_servers == 0
    }
}

/// Waits for what other servers answer. They were asked already, and the time runs; the future only waits.
///
/// ```
/// # async fn example(io: socketio::SocketIo) {
/// let asking = io.fetch_sockets();
/// println!("{} sockets", asking.await.values.len());
/// # }
/// ```
#[must_use = "the servers were asked; nothing waits for their answers unless this is awaited"]
pub struct Gathering<T>(Pin<Box<dyn Future<Output = T> + Send>>);

impl<T> Gathering<T> {
    pub(crate) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Box::pin(future))
    }
}

impl<T> Future for Gathering<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.0.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Gathering<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}
