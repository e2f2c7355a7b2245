//! How a client joins a namespace: middleware, CONNECT, connect handler.

use std::sync::Arc;

use bytestring::ByteString;
use engineio::Delivery;
use serde::Serialize;

use crate::{
    ConnectContext, DisconnectReason, ExtractError, Refusal, SocketId, SocketRef,
    namespace::Setup,
    run::{self, What},
    wire,
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
    for middleware in &setup.middleware {
        middleware.call(&mut context).map_err(refusal)?.await?;
    }
    enter(&mut context, &setup)
}

fn enter(context: &mut ConnectContext, setup: &Setup) -> Result<(), Refusal> {
    #[derive(Serialize)]
    struct Connected {
        sid: SocketId,
    }

    let socket = context.socket.clone();
    // The arguments are extracted before the client is told that it is in.
    let running =
        setup.on_connect.as_ref().map(|handler| handler.call(context)).transpose().map_err(refusal)?;
    let connection = Arc::clone(socket.connection());
    if !connection.confirm(&socket) {
        return Ok(());
    }
    let (namespace, connected) = (socket.namespace_path(), Connected { sid: socket.id() });
    let frames = wire::encode(|encoder| encoder.connect(namespace, Some(&connected)))
        .map_err(|error| Refusal::new(error.to_string()))?;
    // A connection that is closed tells its sockets.
    let _ = connection.engine.send_prepared(&frames, Delivery::Reliable);
    if socket.connected() {
        socket.space().rooms.connect(&socket);
        if let Some(running) = running {
            run::start(&socket, What::Connect, || Ok(running));
        }
    }
    connection.release(&socket);
    Ok(())
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
