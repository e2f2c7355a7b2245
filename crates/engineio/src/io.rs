use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// The byte stream under a WebSocket.
///
/// Any task may write to it; only the WebSocket's own task reads, and is woken when writing can go on.
pub(crate) enum Io {
    /// A TCP connection, which is written to without involving the reading task.
    Tcp(TcpStream),
    /// Anything else: TLS, or a stream in memory.
    Other(Buffered),
}

/// A stream that may have a buffer of its own, as TLS has.
pub(crate) struct Buffered {
    stream: Pin<Box<dyn Stream>>,
    /// Whether its buffer holds what has been written.
    unflushed: bool,
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

impl Io {
    pub(crate) fn other(stream: impl Stream + 'static) -> Self {
        Self::Other(Buffered { stream: Box::pin(stream), unflushed: false })
    }

    /// Reads what is there into the scratch buffer; 0 is the end of the stream.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, scratch: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            // Tells tokio, other than `try_read`, that a read which leaves room has emptied the socket: the next one
            // waits without a system call.
            Self::Tcp(stream) => {
                let mut buffer = ReadBuf::new(scratch);
                ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
                Poll::Ready(Ok(buffer.filled().len()))
            }
            Self::Other(Buffered { stream, .. }) => {
                let mut buffer = ReadBuf::new(scratch);
                ready!(stream.as_mut().poll_read(cx, &mut buffer))?;
                Poll::Ready(Ok(buffer.filled().len()))
            }
        }
    }

    /// Writes all of this, or as much as the stream takes; `Pending` is when it takes no more, and `task` is woken when
    /// it does. Gives how much it took.
    ///
    /// For TCP the task has to call [`poll_writable`](Self::poll_writable) for that.
    pub(crate) fn poll_write_all(
        &mut self,
        task: &Waker,
        mut slices: &mut [IoSlice<'_>],
    ) -> (usize, Poll<io::Result<()>>) {
        let mut taken = 0;
        while !slices.is_empty() {
            match self.poll_write(task, slices) {
                Poll::Ready(Ok(0)) => return (taken, Poll::Ready(Err(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(written)) => {
                    taken += written;
                    // To gather the rest anew would copy it once for each write.
                    IoSlice::advance_slices(&mut slices, written);
                }
                Poll::Ready(Err(error)) => return (taken, Poll::Ready(Err(error))),
                Poll::Pending => return (taken, Poll::Pending),
            }
        }
        (taken, Poll::Ready(Ok(())))
    }

    fn poll_write(&mut self, task: &Waker, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => {
                let result = match slices {
                    [slice] => stream.try_write(slice),
                    slices => stream.try_write_vectored(slices),
                };
                match result {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        task.wake_by_ref();
                        Poll::Pending
                    }
                    result => Poll::Ready(result),
                }
            }
            Self::Other(Buffered { stream, unflushed }) => {
                let mut cx = Context::from_waker(task);
                let written = ready!(stream.as_mut().poll_write_vectored(&mut cx, slices))?;
                *unflushed = stream.as_mut().poll_flush(&mut cx)?.is_pending();
                Poll::Ready(Ok(written))
            }
        }
    }

    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    /// Whether the stream's own buffer has to be sent.
    pub(crate) fn is_unflushed(&self) -> bool {
        matches!(self, Self::Other(Buffered { unflushed: true, .. }))
    }

    /// Whether writing can be tried again, from the WebSocket's own task.
    pub(crate) fn poll_writable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_write_ready(cx),
            Self::Other(Buffered { stream, unflushed }) => {
                ready!(stream.as_mut().poll_flush(cx))?;
                *unflushed = false;
                Poll::Ready(Ok(()))
            }
        }
    }

    /// Ends the outgoing direction.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Other(Buffered { stream, .. }) => stream.as_mut().poll_shutdown(cx),
        }
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(stream) => stream.fmt(f),
            Self::Other(_) => f.write_str("Other"),
        }
    }
}
