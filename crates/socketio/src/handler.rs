use std::{fmt, marker::PhantomData, pin::Pin, sync::Arc};

use crate::{Emitted, Extract, ExtractError, Refusal};

/// An async function whose arguments are extracted from a context `C`, in the manner of axum.
///
/// It is implemented for closures and functions of up to eight [extractors](Extract) that can be cloned.
/// It is cloned for each call, and with it what it captures; put a large value into an `Arc`.
/// `T` is the tuple of the arguments and is inferred.
///
/// A handler runs within the task of its connection until it first waits, so that events start in order;
/// what is left then runs in a task of its own, beside the handlers of later events.
/// A panic is caught, counted and logged with the name of the event, and closes the connection.
///
/// ```
/// use socketio::{Ack, Config, Data, SocketIo, SocketRef, State};
///
/// /// A function is a handler as well as a closure is.
/// async fn rename(socket: SocketRef, Data(name): Data<String>, State(longest): State<usize>, ack: Ack) {
///     let is_taken = name.len() <= longest;
///     if is_taken {
///         socket.insert(name);
///     }
///     ack.send(&is_taken);
/// }
///
/// let io = SocketIo::builder().config(Config::default()).state(20_usize).build();
/// io.namespace("/").on("rename", rename).open();
/// ```
pub trait Handler<C, T>: Clone + Send + Sync + 'static {
    /// What the function gives.
    type Output;
    /// The future that the function returns.
    type Future: Future<Output = Self::Output> + Send + 'static;

    /// Extracts the arguments and calls the function.
    ///
    /// # Errors
    /// An argument cannot be extracted; the function was not called.
    fn call(self, context: &mut C) -> Result<Self::Future, ExtractError>;
}

impl<C, F, Fut> Handler<C, ()> for F
where
    F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future + Send + 'static,
{
    type Output = Fut::Output;
    type Future = Fut;

    fn call(self, _context: &mut C) -> Result<Fut, ExtractError> {
        Ok(self())
    }
}

macro_rules! handler {
    ($($argument:ident)*) => {
        impl<C, F, Fut, $($argument,)*> Handler<C, ($($argument,)*)> for F
        where
            F: FnOnce($($argument),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future + Send + 'static,
            $($argument: Extract<C>,)*
        {
            type Output = Fut::Output;
            type Future = Fut;

            fn call(self, context: &mut C) -> Result<Fut, ExtractError> {
                Ok(self($($argument::extract(context)?),*))
            }
        }
    };
}

handler!(A1);
handler!(A1 A2);
handler!(A1 A2 A3);
handler!(A1 A2 A3 A4);
handler!(A1 A2 A3 A4 A5);
handler!(A1 A2 A3 A4 A5 A6);
handler!(A1 A2 A3 A4 A5 A6 A7);
handler!(A1 A2 A3 A4 A5 A6 A7 A8);

/// What a handler may give: nothing, what became of an emit, or a result whose error is logged.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::{Data, SocketRef};
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     // What became of an emit.
///     .on("hi", async |socket: SocketRef| socket.emit("hi", &()))
///     // An error is logged.
///     .on("set", async |Data(text): Data<String>| text.parse::<u8>().map(|number| println!("{number}")))
///     .open();
/// ```
pub trait Outcome {
    /// The text of the error, if any.
    fn error(self) -> Option<String>;
}

impl Outcome for () {
    fn error(self) -> Option<String> {
        None
    }
}

impl Outcome for Emitted {
    /// An emit logs its error itself.
    fn error(self) -> Option<String> {
        None
    }
}

impl<T: Outcome, E: fmt::Display> Outcome for Result<T, E> {
    fn error(self) -> Option<String> {
        self.map_or_else(|error| Some(error.to_string()), T::error)
    }
}

/// A handler that never ends by itself, such as one that loops.
impl Outcome for Never {
    fn error(self) -> Option<String> {
        self
    }
}

/// What namespace middleware may give: consent, or an error that becomes a [`Refusal`].
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::Event;
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .middleware(async || Ok::<(), &str>(()))
///     .event_middleware(async |event: Event| if event.args.is_empty() { Err("say something") } else { Ok(()) })
///     .open();
/// ```
pub trait Verdict {
    /// # Errors
    /// The client must not join.
    fn verdict(self) -> Result<(), Refusal>;
}

impl<E: Into<Refusal>> Verdict for Result<(), E> {
    fn verdict(self) -> Result<(), Refusal> {
        self.map_err(Into::into)
    }
}

/// The type `!`, which stable Rust lets nobody write here, by way of a function that returns it.
type Never = <fn() -> ! as never::Returns>::Output;

mod never {
    #[expect(unnameable_types, reason = "nobody needs to")]
    pub trait Returns {
        type Output;
    }

    impl<T> Returns for fn() -> T {
        type Output = T;
    }
}

/// What a running handler comes to: the text of its error, if any.
pub(crate) type Running = Pin<Box<dyn Future<Output = Option<String>> + Send>>;
pub(crate) type Judging = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send>>;

/// A handler whose arguments are forgotten; `F` is the future that it starts.
pub(crate) trait Erased<C, F>: Send + Sync {
    fn call(&self, context: &mut C) -> Result<F, ExtractError>;
}

pub(crate) type EventHandler<C> = Arc<dyn Erased<C, Running>>;
pub(crate) type Middleware<C> = Arc<dyn Erased<C, Judging>>;

pub(crate) fn erase<C: 'static, T: 'static, H>(handler: H) -> EventHandler<C>
where
    H: Handler<C, T>,
    H::Output: Outcome,
{
    Arc::new(WithOutcome(handler, PhantomData::<fn(C, T)>))
}

pub(crate) fn erase_middleware<C: 'static, T: 'static, H>(handler: H) -> Middleware<C>
where
    H: Handler<C, T>,
    H::Output: Verdict,
{
    Arc::new(WithVerdict(handler, PhantomData::<fn(C, T)>))
}

struct WithOutcome<H, T>(H, PhantomData<T>);

impl<C, T, H> Erased<C, Running> for WithOutcome<H, fn(C, T)>
where
    H: Handler<C, T>,
    H::Output: Outcome,
{
    fn call(&self, context: &mut C) -> Result<Running, ExtractError> {
        let future = self.0.clone().call(context)?;
        Ok(Box::pin(async move { future.await.error() }))
    }
}

struct WithVerdict<H, T>(H, PhantomData<T>);

impl<C, T, H> Erased<C, Judging> for WithVerdict<H, fn(C, T)>
where
    H: Handler<C, T>,
    H::Output: Verdict,
{
    fn call(&self, context: &mut C) -> Result<Judging, ExtractError> {
        let future = self.0.clone().call(context)?;
        Ok(Box::pin(async move { future.await.verdict() }))
    }
}
