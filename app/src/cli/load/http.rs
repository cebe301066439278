//! HTTP/1.1 over one kept connection, with as little work as possible, so that the generator does not take the machine
//! from what it measures.
use std::{fmt::Write, io};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection to the platform.
pub(super) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
    request: String,
    /// The lines of the head that are the same for every call.
    head: String,
}

/// A status with its body.
pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl Line {
    pub(super) async fn open(host: &str, token: &str) -> io::Result<Self> {
        Self::with_head(host, &bearer(token)).await
    }

    /// A connection whose calls carry these lines, each ended by CRLF.
    pub(super) async fn with_head(host: &str, lines: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (buffer, request) = (Vec::with_capacity(2048), String::with_capacity(1024));
        Ok(Self { stream, buffer, request, head: head_of(host, lines) })
    }

    /// From now on the calls are those of whoever holds the token.
    pub(super) fn speak_for(&mut self, host: &str, token: &str) {
        self.head = head_of(host, &bearer(token));
    }

    /// Sends a request and reads its answer.
    pub(super) async fn call(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        self.request.clear();
        write_head(&mut self.request, (method, path), &self.head);
        write_body(&mut self.request, body);
        self.exchange().await
    }

    /// Posts under a head made before by [`post_head`].
    pub(super) async fn post(&mut self, head: &str, body: &str) -> io::Result<Answer> {
        self.request.clear();
        self.request.push_str(head);
        write_body(&mut self.request, body);
        self.exchange().await
    }

    async fn exchange(&mut self) -> io::Result<Answer> {
        self.stream.write_all(self.request.as_bytes()).await?;
        self.buffer.clear();
        let (status, start, length) = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
        };
        while self.buffer.len() < start + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let body = self.buffer.get(start..start + length).unwrap_or_default().to_vec();
        Ok(Answer { status, body })
    }
}

/// The head of a learner's posts to one path.
pub(super) fn post_head(host: &str, token: &str, path: &str) -> String {
    let mut head = String::new();
    write_head(&mut head, ("POST", path), &head_of(host, &bearer(token)));
    head
}

fn write_head(request: &mut String, (method, path): (&str, &str), lines: &str) {
    for part in [method, " ", path, " HTTP/1.1\r\n", lines, "content-type: application/json\r\n"] {
        request.push_str(part);
    }
}

fn write_body(request: &mut String, body: &str) {
    // Writing to a text does not fail.
    let _ = write!(request, "content-length: {}\r\n\r\n{body}", body.len());
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

fn head_of(host: &str, lines: &str) -> String {
    format!("host: {host}\r\n{lines}accept: application/json\r\n")
}

/// Status, where the body starts and how long it is; none while the head is not whole.
fn head(bytes: &[u8]) -> io::Result<Option<(u16, usize, usize)>> {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(|_| broken("head"))?;
    let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| broken("status"))?;
    let mut length = 0;
    for line in text.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(|_| broken("content-length"))?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(broken("a chunked answer"));
        }
    }
    Ok(Some((status, end + 4, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        assert!(head(b"HTTP/1.1 200 OK\r\ncontent-le").unwrap().is_none());
        let answer = b"HTTP/1.1 429 Too Many\r\nContent-Length: 2\r\nx: y\r\n\r\n{}";
        assert_eq!(head(answer).unwrap(), Some((429, answer.len() - 2, 2)));
        assert!(head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
