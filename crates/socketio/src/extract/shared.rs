use std::any::type_name;

use crate::{Context, Extract, ExtractError, SocketRef};

impl<C: Context> Extract<C> for SocketRef {
    fn extract(context: &mut C) -> Result<Self, ExtractError> {
        Ok(context.socket().clone())
    }
}

/// A clone of what [`Builder::state`](crate::Builder::state) put into the server.
///
/// ```
/// use socketio::{SocketIo, SocketRef, State};
///
/// let io = SocketIo::builder().state("a greeting".to_owned()).build();
/// io.ns("/", async |socket: SocketRef, State(greeting): State<String>| socket.emit("welcome", &greeting));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct State<T>(pub T);

impl<C: Context, T: Clone + Send + Sync + 'static> Extract<C> for State<T> {
    fn extract(context: &mut C) -> Result<Self, ExtractError> {
        let state = context.socket().shared().state.get::<T>();
        state.cloned().map(Self).ok_or_else(|| ExtractError::State(type_name::<T>()))
    }
}

/// A clone of an extension of the request that opened the connection, such as who its user is.
///
/// The server keeps only those that [`Builder::keep_extension`](crate::Builder::keep_extension) names.
///
/// ```
/// use socketio::{Extension, SocketIo, SocketRef};
///
/// /// Put into each request by a layer that knows sessions.
/// #[derive(Clone)]
/// struct User(String);
///
/// let io = SocketIo::builder().keep_extension::<User>().build();
/// io.ns("/", async |socket: SocketRef, Extension(user): Extension<User>| socket.join(format!("user:{}", user.0)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Extension<T>(pub T);

impl<C: Context, T: Clone + Send + Sync + 'static> Extract<C> for Extension<T> {
    fn extract(context: &mut C) -> Result<Self, ExtractError> {
        let extension = context.socket().handshake().extension::<T>();
        extension.cloned().map(Self).ok_or_else(|| ExtractError::Extension(type_name::<T>()))
    }
}
