use std::{any::type_name, fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::{Args, EncodeError};

use crate::{
    Data, Event, Extract, ExtractError, Namespace, State, TryData,
    namespace::Space,
    run::{self, What},
};

/// Another server emitted an event to the applications of its cluster: what handlers of
/// [`NamespaceBuilder::on_server_side`](crate::NamespaceBuilder::on_server_side) extract from.
///
/// ```
/// use socketio::{Data, Event, Namespace};
///
/// # let io = socketio::SocketIo::new(socketio::Config::default());
/// io.namespace("/")
///     .on_server_side("flush", async |namespace: Namespace, event: Event, Data(key): Data<String>| {
///         println!("{} in {}: {key}", event.name, namespace.path());
///     })
///     .open();
/// ```
#[derive(Debug)]
pub struct ServerSideContext {
    space: Arc<Space>,
    event: Event,
    ack: ServerAck,
}

/// Answers an event of another server. Does nothing if that server did not ask for it.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::{Data, ServerAck};
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .on_server_side("load?", async |Data(since): Data<u64>, ack: ServerAck| ack.send(&(since, 0.7)))
///     .open();
/// ```
pub struct ServerAck(Option<Reply>);

/// Sends the answer back.
pub(crate) type Reply = Box<dyn FnOnce(Args) + Send>;

impl ServerAck {
    /// Whether the other server waits for the answer.
    pub fn is_expected(&self) -> bool {
        self.0.is_some()
    }

    /// Answers with `data`: a tuple is several arguments, `()` is none, anything else is one.
    ///
    /// # Errors
    /// The answer cannot be written.
    pub fn send<T: Serialize + ?Sized>(self, data: &T) -> Result<(), EncodeError> {
        if let Some(reply) = self.0 {
            reply(Args::new(data)?);
        }
        Ok(())
    }
}

impl fmt::Debug for ServerAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerAck").field("is_expected", &self.is_expected()).finish()
    }
}

/// Calls the handler of an event that another server emitted.
pub(crate) fn run(space: &Arc<Space>, event: Event, reply: Option<Reply>) {
    let setup = space.setup();
    let Some((_, handler)) = setup.server_side.iter().find(|(name, _)| **name == *event.name) else {
        tracing::debug!(namespace = &*space.path, event = %event.name, "no handler for an event of another server");
        return;
    };
    let what = What::Event(event.name.clone());
    let mut context = ServerSideContext { space: Arc::clone(space), event, ack: ServerAck(reply) };
    run::start(space, what, || handler.call(&mut context));
}

impl<T: DeserializeOwned> Extract<ServerSideContext> for Data<T> {
    fn extract(context: &mut ServerSideContext) -> Result<Self, ExtractError> {
        context.event.args.deserialize().map(Self).map_err(ExtractError::Data)
    }
}

impl<T: DeserializeOwned> Extract<ServerSideContext> for TryData<T> {
    fn extract(context: &mut ServerSideContext) -> Result<Self, ExtractError> {
        Ok(Self(context.event.args.deserialize()))
    }
}

impl Extract<ServerSideContext> for Event {
    fn extract(context: &mut ServerSideContext) -> Result<Self, ExtractError> {
        Ok(context.event.clone())
    }
}

impl Extract<ServerSideContext> for ServerAck {
    fn extract(context: &mut ServerSideContext) -> Result<Self, ExtractError> {
        Ok(Self(context.ack.0.take()))
    }
}

impl Extract<ServerSideContext> for Namespace {
    fn extract(context: &mut ServerSideContext) -> Result<Self, ExtractError> {
        Ok(Self(Arc::clone(&context.space)))
    }
}

impl<T: Clone + Send + Sync + 'static> Extract<ServerSideContext> for State<T> {
    fn extract(context: &mut ServerSideContext) -> Result<Self, ExtractError> {
        let state = context.space.shared.state.get::<T>();
        state.cloned().map(Self).ok_or_else(|| ExtractError::State(type_name::<T>()))
    }
}
