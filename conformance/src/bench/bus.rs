//! An adapter for servers in one process: what one does, the others hear through channels.

use std::{sync::Mutex, time::Duration};

use socketio::{Adapter, Local, Message, Request, Responses};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// One server's place on the bus, for its only namespace.
#[derive(Debug)]
pub(super) struct Stop {
    others: Vec<UnboundedSender<News>>,
    /// Until the namespace is made.
    news: Mutex<Option<UnboundedReceiver<News>>>,
}

/// What a server hears from another.
#[derive(Clone, Debug)]
enum News {
    Message(Message),
    Request(Request, Responses),
}

/// Connects so many servers.
pub(super) fn stops(count: usize) -> Vec<Stop> {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| unbounded_channel()).unzip();
    let others = |own: usize| {
        let senders = senders.iter().enumerate().filter(move |(index, _)| *index != own);
        senders.map(|(_, sender)| sender.clone()).collect()
    };
    let stops = receivers.into_iter().enumerate();
    stops.map(|(own, receiver)| Stop { others: others(own), news: Mutex::new(Some(receiver)) }).collect()
}

impl Stop {
    /// Makes the adapter, and starts the task that hears the others. To be called in the server's own runtime: only
    /// its thread may write to its connections.
    pub(super) fn connect(&self, local: Local) -> Bus {
        let news = self.news.lock().ok().and_then(|mut news| news.take());
        if let Some(news) = news {
            tokio::spawn(hear(news, local));
        }
        Bus { others: self.others.clone() }
    }
}

async fn hear(mut news: UnboundedReceiver<News>, local: Local) {
    while let Some(news) = news.recv().await {
        match news {
            News::Message(message) => local.handle(message),
            News::Request(request, responses) => {
                local.answer(request, move |response| responses.send(response));
            }
        }
    }
}

/// What tells the others.
#[derive(Debug)]
pub(super) struct Bus {
    others: Vec<UnboundedSender<News>>,
}

impl Bus {
    fn tell(&self, news: &News) {
        for other in &self.others {
            // A server that has failed takes the process with it.
            let _ = other.send(news.clone());
        }
    }
}

impl Adapter for Bus {
    fn publish(&self, message: Message) {
        self.tell(&News::Message(message));
    }

    fn request(&self, request: Request, _: Duration, responses: Responses) {
        responses.expect(self.others.len());
        self.tell(&News::Request(request, responses));
    }
}

#[cfg(test)]
mod tests {
    use socketio::SocketIo;

    use super::*;

    #[tokio::test]
    async fn every_server_answers_the_others() {
        let server = |stop: Stop| SocketIo::builder().adapter(move |local| stop.connect(local)).build();
        let servers: Vec<_> = stops(3).into_iter().map(server).collect();
        for io in &servers {
            let gathered = io.fetch_sockets().await;
            assert!(gathered.is_complete(), "{} servers did not answer", gathered.missing_servers);
        }
    }
}
