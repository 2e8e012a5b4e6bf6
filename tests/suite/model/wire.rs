//! A connection to the mock that stays open, and the requests and responses on it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use glacier_mock::GlacierMock;

use crate::support;

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    /// `path` is the part of the path after the account.
    pub(super) fn new(method: &'static str, path: impl AsRef<str>) -> Self {
        Self { method, path: format!("/-{}", path.as_ref()), headers: Vec::new(), body: Vec::new() }
    }

    /// An empty value leaves the header out.
    pub(super) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(super) fn given(&self, header: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == header).map(|(_, value)| &**value)
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// The parts of a response that the model predicts: all except the date and the request ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// One connection, which stays open after errors too.
pub(super) struct Wire {
    stream: BufReader<TcpStream>,
}

impl Wire {
    pub(super) fn to(mock: &GlacierMock) -> Self {
        let stream = TcpStream::connect(mock.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends a request. Returns the response and the request ID, or a description of invalid HTTP.
    pub(super) fn send(&mut self, request: &Request) -> Result<(Answer, String), String> {
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let bytes = support::request(request.method, &request.path, &headers, &request.body);
        self.stream.get_mut().write_all(&bytes).map_err(|error| error.to_string())?;
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(first.clone())?;
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            if headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()).is_some() {
                return Err(format!("the response has two headers {name}"));
            }
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap_or(0));
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(|error| error.to_string())?;
        if !headers.remove("date").is_some_and(|date| date.ends_with(" GMT")) {
            return Err("the response has no valid Date header".to_owned());
        }
        let id = headers.remove("x-amzn-requestid").unwrap_or_default();
        Ok((Answer { status, headers, body }, id))
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(|error| error.to_string())?;
        let end = line.strip_suffix("\r\n").ok_or("the mock closed the connection")?;
        Ok(end.to_owned())
    }
}
