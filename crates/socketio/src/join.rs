//! How a client joins a namespace: middleware, CONNECT, connect handler.

use std::sync::{Arc, atomic::Ordering};

use bytestring::ByteString;
use engineio::{CloseReason, Delivery};
use serde::Serialize;
use socketio_proto::EncodeError;

use crate::{
    ConnectContext, DisconnectReason, ExtractError, Refusal, SocketId, SocketRef,
    namespace::Setup,
    recovery::Lost,
    run::{self, What},
    wire::{self, Frames},
};

/// Starts to decide whether the socket may join its namespace.
pub(crate) fn start(socket: &SocketRef, auth: Option<ByteString>) {
    socket.space().rooms.add(socket);
    let context = ConnectContext { socket: socket.clone(), auth };
    run::start(socket, What::Connect, || {
        Ok(Box::pin(async move {
            let socket = context.socket.clone();
            if let Err(refusal) = join(context).await {
                refuse(&socket, &refusal);
            }
            None
        }))
    });
}

async fn join(mut context: ConnectContext) -> Result<(), Refusal> {
    let setup = context.socket.space().setup();
    let socket = &context.socket;
    let recovery = socket.space().keeper.as_ref().map(|keeper| &keeper.config);
    let skips = socket.recovered() && recovery.is_some_and(|recovery| recovery.skip_middlewares);
    for middleware in setup.middleware.iter().filter(|_| !skips) {
        middleware.call(&mut context).map_err(refusal)?.await?;
    }
    enter(&mut context, &setup)
}

fn enter(context: &mut ConnectContext, setup: &Setup) -> Result<(), Refusal> {
    let socket = context.socket.clone();
    // The arguments are extracted before the client is told that it is in.
    let running =
        setup.on_connect.as_ref().map(|handler| handler.call(context)).transpose().map_err(refusal)?;
    let connection = Arc::clone(socket.connection());
    if !connection.confirm(&socket) {
        return Ok(());
    }
    if welcome(&socket).map_err(|error| Refusal::new(error.to_string()))?
        && let Some(running) = running
    {
        run::start(&socket, What::Connect, || Ok(running));
    }
    connection.release(&socket);
    Ok(())
}

/// Tells the client that it is in, and lets the socket be a member; `false` if it is gone.
fn welcome(socket: &SocketRef) -> Result<bool, EncodeError> {
    #[derive(Serialize)]
    struct Connected {
        sid: SocketId,
        #[serde(skip_serializing_if = "Option::is_none")]
        pid: Option<SocketId>,
        /// `false` for a client that asked for its session, which is gone; otherwise its id tells.
        #[serde(skip_serializing_if = "Option::is_none")]
        recovered: Option<bool>,
    }

    let (space, connection) = (socket.space(), socket.connection());
    let legacy = connection.legacy;
    let recovering = socket.recovering();
    let refused = recovering.is_some_and(|recovering| recovering.refused.load(Ordering::Relaxed));
    let connected = Connected {
        sid: socket.id(),
        pid: recovering.map(|recovering| recovering.pid),
        recovered: refused.then_some(false),
    };
    let frames = wire::encode(|encoder| encoder.connect(&space.path, (!legacy).then_some(&connected)))?;
    // A connection that is closed tells its sockets.
    let send = |frames: &Frames| {
        let _ = connection.send(frames, Delivery::Reliable);
    };
    let Some((keeper, recovering)) = space.keeper.as_ref().zip(recovering) else {
        send(&frames);
        let is_in = socket.connected();
        if is_in {
            space.rooms.connect(socket, Vec::new());
        }
        return Ok(is_in);
    };
    let admitted = keeper.admit(socket, recovering.pid, send, &frames);
    Ok(admitted.unwrap_or_else(|Lost| {
        // The client was promised its session. It asks again on another connection, and gets a new one.
        connection.engine.close(CloseReason::TransportClose);
        false
    }))
}

fn refuse(socket: &SocketRef, refusal: &Refusal) {
    let connection = socket.connection();
    connection.refuse(socket.namespace_path(), refusal);
    connection.forget(socket);
    socket.gone(DisconnectReason::ServerNamespaceDisconnect);
}

/// What the client is told when middleware or the connect handler cannot be called.
fn refusal(error: ExtractError) -> Refusal {
    match error {
        ExtractError::Auth(_) => Refusal::new("Invalid credentials"),
        ExtractError::Other(message) => Refusal::new(message),
        error => {
            tracing::error!(%error, "a connect handler was not called");
            Refusal::new("Internal server error")
        }
    }
}
