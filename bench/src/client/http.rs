//! As much of HTTP/1.1 as a load generator needs: requests with a body, answers with a `Content-Length`.

use anyhow::{Context as _, Result, bail, ensure};
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection that is kept alive.
#[derive(Debug)]
pub(super) struct Http {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Http {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Sends a request and gives the body of the answer, which must be 200.
    pub(super) async fn request(&mut self, method: &str, query: &str, body: &[u8]) -> Result<Vec<u8>> {
        let head = format!(
            "{method} /socket.io/?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain;charset=UTF-8\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).await?;
        let head = read_head(&mut self.stream, &mut self.buffer).await?;
        ensure!(head.starts_with("HTTP/1.1 200"), "the server answered {head}");
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("an answer without Content-Length")?;
        let length: usize = length.1.trim().parse()?;
        while self.buffer.len() < length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed in the middle of an answer");
            }
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }
}

/// Reads up to the empty line; what follows it stays in the buffer.
pub(super) async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<String> {
    loop {
        if let Some(end) = memmem::find(buffer, b"\r\n\r\n") {
            let rest = buffer.split_off(end + 4);
            let head = std::mem::replace(buffer, rest);
            return Ok(String::from_utf8(head)?);
        }
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed without an answer");
        }
    }
}
